/** Peaks (0–255, any number) as `count` levels of 0–1: the loudest of each stretch. */
export function bars(peaks: readonly number[], count: number): number[] {
  if (peaks.length === 0) return Array<number>(count).fill(0);
  const loudest = Math.max(...peaks, 1);
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * peaks.length) / count);
    const to = Math.max(from + 1, Math.floor(((i + 1) * peaks.length) / count));
    // A quiet speaker still gets a picture: relative to the loudest, square root for the eye.
    return Math.sqrt(Math.max(...peaks.slice(from, to)) / Math.max(loudest, 32));
  });
}
