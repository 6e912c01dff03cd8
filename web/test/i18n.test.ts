// The two languages hold together: same keys, same variables, no malformed entry,
// no key used that is missing, none kept that is unused.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FluentBundle, FluentResource } from '@fluent/bundle';
import { parse, Resource, Visitor, type VariableReference } from '@fluent/syntax';
import { describe, expect, it } from 'vitest';

const SRC = join(import.meta.dirname, '../src');
const LANGUAGES = ['de', 'en'] as const;

/** The words of the first load, and those of parts that are loaded later. */
function source(lang: string): string {
  const files = readdirSync(join(SRC, 'i18n')).filter((file) => file.endsWith(`${lang}.ftl`));
  return files.map((file) => readFileSync(join(SRC, 'i18n', file), 'utf8')).join('\n');
}

function entries(lang: string): Map<string, string[]> {
  const resource: Resource = parse(source(lang), {});
  const found = new Map<string, string[]>();
  for (const entry of resource.body) {
    if (entry.type === 'Junk') throw new Error(`${lang}.ftl cannot be read: ${JSON.stringify(entry)}`);
    if (entry.type !== 'Message') continue;
    const names = new Set<string>();
    const visitor = new (class extends Visitor {
      override visitVariableReference(node: VariableReference) {
        names.add(node.id.name);
      }
    })();
    visitor.visit(entry);
    expect(found.has(entry.id.name), `${lang}.ftl has ${entry.id.name} twice`).toBe(false);
    found.set(entry.id.name, [...names].sort());
  }
  return found;
}

function usedKeys(): Map<string, string> {
  const used = new Map<string, string>();
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((f) => /\.(svelte|ts)$/.test(f));
  for (const file of files) {
    if (file.endsWith(join('i18n', 'index.svelte.ts'))) continue;
    const text = readFileSync(join(SRC, file), 'utf8');
    for (const [call, key] of text.matchAll(/(?<![\w.])t\(\s*(?:'([a-z][a-z0-9-]*)')?/g)) {
      // A key put together at run time could not be checked here.
      expect(key, `${file}: ${call}… must name its key literally`).toBeTruthy();
      if (key) used.set(key, file);
    }
  }
  return used;
}

describe('messages', () => {
  it('have the same keys and variables in both languages', () => {
    expect([...entries('en')].sort()).toEqual([...entries('de')].sort());
  });

  it('are all formatted without an error', () => {
    for (const lang of LANGUAGES) {
      const bundle = new FluentBundle(lang);
      expect(bundle.addResource(new FluentResource(source(lang)))).toEqual([]);
      for (const [key, names] of entries(lang)) {
        const value = bundle.getMessage(key)?.value;
        expect(value, `${lang}.ftl: ${key}`).toBeTruthy();
        for (const number of [0, 1, 2]) {
          const errors: Error[] = [];
          const args = Object.fromEntries(names.map((name) => [name, number]));
          expect(bundle.formatPattern(value ?? '', args, errors)).not.toBe('');
          expect(errors, `${lang}.ftl: ${key}`).toEqual([]);
        }
      }
    }
  });

  it('exist for every key the page uses, and for no other', () => {
    expect([...usedKeys().keys()].sort()).toEqual([...entries('de').keys()].sort());
  });
});
