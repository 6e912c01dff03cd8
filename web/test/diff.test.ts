import { describe, expect, it } from 'vitest';
import { compared, unified } from '../src/lib/diff';

const told = (before: string, after: string) => compared(before, after).map(({ kind, text }) => kind + text);

describe('texts are compared by line', () => {
  it('shows what was taken away and added, with two lines around', () => {
    expect(told('a\nb\nc\nd\ne\nf', 'a\nb\nC\nd\ne\nf')).toEqual([' a', ' b', '-c', '+C', ' d', ' e']);
    expect(told('a\nb', 'a\nb\nc')).toEqual([' a', ' b', '+c']);
    expect(told('a', 'a')).toEqual([]);
  });

  it('leaves gaps between changes that are far apart', () => {
    const lines = Array.from({ length: 20 }, (_, at) => String(at));
    const after = lines.map((line, at) => (at === 2 || at === 17 ? `${line}!` : line));
    const rows = told(lines.join('\n'), after.join('\n'));
    expect(rows).toContain('@');
    expect(rows.filter((row) => /^[-+]/.test(row))).toEqual(['-2', '+2!', '-17', '+17!']);
  });

  it('rebuilds either text from what it shows, however it was changed', () => {
    let seed = 7;
    const random = (below: number) => (seed = (seed * 16807) % 2147483647) % below;
    for (let round = 0; round < 200; round++) {
      const text = () => Array.from({ length: random(9) }, () => 'abc'[random(3)]).join('\n');
      const [before, after] = [text(), text()];
      const rows = compared(before, after);
      if (rows.some((row) => row.kind === '@') || rows.length === 0) continue;
      const side = (gone: string) => rows.filter((row) => row.kind !== gone).map((row) => row.text);
      expect(before.split('\n').join('|')).toContain(side('+').join('|'));
      expect(after.split('\n').join('|')).toContain(side('-').join('|'));
    }
  });

  it('tells two long texts apart without comparing each line with each', () => {
    const long = (word: string) => Array.from({ length: 5000 }, (_, at) => `${word} ${at}`).join('\n');
    expect(compared(long('a'), long('b'))).toHaveLength(10_000);
  });
});

it('the unified form of the server is read without its heads', () => {
  const diff = '--- revision 1\n+++ revision 2\n@@ -1,2 +1,2 @@\n a\n--- b\n+B\n@@ -9 +9 @@\n c\n';
  expect(unified(diff).map(({ kind, text }) => kind + text)).toEqual([' a', '--- b', '+B', '@', ' c']);
  expect(unified('')).toEqual([]);
});
