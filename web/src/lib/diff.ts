// What tells two texts apart, by line; and the unified form that the server tells it in.

export interface DiffRow {
  /** Taken away, added, as it was, or a gap. */
  kind: '-' | '+' | ' ' | '@';
  text: string;
}

/** Lines around a change that are shown. */
const AROUND = 2;
/** Comparisons of lines; beyond them the middle is told as taken away and added whole. */
const COMPARED_MAX = 4_000_000;

export function compared(before: string, after: string): DiffRow[] {
  if (before === after) return [];
  const [a, b] = [before.split('\n'), after.split('\n')];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const as = (kind: DiffRow['kind'], lines: string[]) => lines.map((text) => ({ kind, text }));
  const rows = [
    ...as(' ', a.slice(0, head)),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...as(' ', a.slice(a.length - tail)),
  ];
  return withGaps(rows);
}

/** The longest common run of lines stays. */
function middle(a: string[], b: string[]): DiffRow[] {
  const rows: DiffRow[] = [];
  const push = (kind: DiffRow['kind'], text: string | undefined) => rows.push({ kind, text: text ?? '' });
  if (a.length * b.length > COMPARED_MAX) {
    a.forEach((text) => push('-', text));
    b.forEach((text) => push('+', text));
    return rows;
  }
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) push(' ', a[(j++, i++)]);
    else if (i < a.length && (j === b.length || at(i + 1, j) >= at(i, j + 1))) push('-', a[i++]);
    else push('+', b[j++]);
  }
  return rows;
}

function withGaps(rows: DiffRow[]): DiffRow[] {
  const near = new Set<number>();
  rows.forEach((row, at) => {
    if (row.kind === ' ') return;
    for (let one = at - AROUND; one <= at + AROUND; one++) near.add(one);
  });
  const shown: DiffRow[] = [];
  rows.forEach((row, at) => {
    if (near.has(at)) shown.push(row);
    else if (shown.length > 0 && shown.at(-1)?.kind !== '@') shown.push({ kind: '@', text: '' });
  });
  if (shown.at(-1)?.kind === '@') shown.pop();
  return shown;
}

/** The server's unified form, without its heads. */
export function unified(diff: string): DiffRow[] {
  const rows: DiffRow[] = [];
  for (const line of diff.split('\n').slice(2)) {
    const kind = line[0];
    if (kind === '@') {
      if (rows.length > 0) rows.push({ kind, text: '' });
    } else if (kind === '+' || kind === '-' || kind === ' ') {
      rows.push({ kind, text: line.slice(1) });
    }
  }
  return rows;
}
