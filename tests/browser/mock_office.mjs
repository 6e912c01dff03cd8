// The office's part of the server in memory: plan, opening hours, trial calls, PIN. It reads no plan; a line
// with `gone` in it is an error, one with `# hm` a warning.

export const PLAN = `# Sanitär Talblick

[line]
business = "Sanitär Talblick"
numbers  = ["+493023125001"]
hours    = "betrieb"
open     = "message.tag"
closed   = "menu.abend"

[hours.betrieb]
mon-thu  = ["07:30-12:00", "13:00-16:30"]
fri      = ["07:30-13:00"]
holidays = "DE-BW"
closed   = ["12-24 Heiligabend"]

[menu.abend]
say      = "Guten Tag bei {business}. Wir haben {until} geschlossen. Bei einem Wasserschaden drücken Sie die Eins."
key.1    = "message.notfall"
silence  = "message.tag"

[message.notfall]
say      = "Was ist geschehen? Bitte sprechen Sie nach dem Signalton."
priority = "urgent"

[message.tag]
`;

const STANDARD = '[line]\nopen = "message.a"\n\n[message.a]\n';
const HOUR_MS = 3_600_000;
const both = (de, en = de) => ({ de, en });

export class MockOffice {
  /** Newest last: { revision, author, note, at, based_on, restores, text }. */
  revisions = [];
  overrides = [];
  /** Plans are files. */
  file = null;
  /** The last text does not check. */
  held = false;
  pin = { set: false, set_at: null, locked_at: null, wrong: 0 };
  /** Questions for trial calls, as they came. */
  asked = [];
  #mock;
  #tools;
  #made = 0;

  constructor(mock, tools) {
    this.#mock = mock;
    this.#tools = tools;
    this.apply(PLAN.replace('07:30-13:00', '07:30-12:00'), { author: 'Inhaberin', note: 'Erster Plan' });
    this.apply(PLAN, { author: 'Inhaberin', note: 'Freitags bis eins' });
  }

  get last() {
    return this.revisions.at(-1) ?? null;
  }

  apply(text, { author = 'Bernd', note = '', restores = null } = {}) {
    const based_on = this.last?.revision ?? 0;
    const at = new Date(Date.now() - (5 - based_on) * HOUR_MS).toISOString();
    this.revisions.push({ revision: based_on + 1, author, note, at, based_on, restores, text });
  }

  async route(req, res, url) {
    const { json, send, problem, body } = this.#tools;
    const asked = `${req.method} ${url.pathname.slice('/api/v1/'.length)}`;
    const owner = this.#mock.session.person.role === 'owner';
    if (/^(PUT|DELETE|POST (opening|plan\/rollback|pin))/.test(asked) && !owner) return problem(res, 403, 'only_owner');
    const given = req.method === 'GET' || req.method === 'DELETE' ? {} : await body(req);
    const { query } = { query: Object.fromEntries(url.searchParams) };
    switch (asked) {
      case 'GET opening':
        return json(res, 200, this.#opening());
      case 'POST opening/override':
        return this.#override(res, given);
      case 'GET plan':
        return json(res, 200, this.#plan());
      case 'PUT plan':
      case 'POST plan/rollback':
        return this.#change(res, given);
      case 'POST plan/check':
        return json(res, 200, check(given.text));
      case 'POST plan/simulate':
        this.asked.push(given);
        return json(res, 200, simulated(given));
      case 'POST plan/week':
        return json(res, 200, { timezone: 'Europe/Berlin', stretches: this.#week() });
      case 'GET plan/revisions': {
        const before = Number(query.before ?? Infinity);
        const page = this.revisions.filter((one) => one.revision < before).reverse().slice(0, 3);
        const next = page.at(-1)?.revision > 1 ? page.at(-1).revision : null;
        return json(res, 200, { revisions: page.map(({ text: _, ...entry }) => entry), next });
      }
      case 'GET plan/diff': {
        const text = (seq) => this.revisions.find((one) => one.revision === Number(seq))?.text ?? STANDARD;
        return json(res, 200, { diff: diff(text(query.from), text(query.to)) });
      }
      case 'GET pin':
        return json(res, 200, this.pin);
      case 'PUT pin':
        if (/^(123456|111111)$/.test(given.pin)) return problem(res, 400, 'bad_request');
        this.pin = { set: true, set_at: new Date().toISOString(), locked_at: null, wrong: 0 };
        return send(res, 204);
      case 'POST pin/unlock':
        this.pin = { ...this.pin, locked_at: null, wrong: 0 };
        return send(res, 204);
      default:
        return this.#lift(res, url);
    }
  }

  #plan() {
    const { last, file, held } = this;
    const { text: _, ...made } = last ?? {};
    const found = check(last?.text ?? STANDARD);
    const editable = !file && this.#mock.session.person.role === 'owner';
    return {
      text: last?.text ?? STANDARD,
      revision: file ? null : (last?.revision ?? 0),
      file,
      made: file || !last ? null : made,
      editable,
      good: !held && found.good,
      findings: found.findings,
    };
  }

  #change(res, { text, based_on, note, revision }) {
    const { json, problem } = this.#tools;
    if (based_on !== (this.last?.revision ?? 0)) return problem(res, 409, 'plan_changed');
    const restored = revision === undefined ? null : (this.revisions.find((one) => one.revision === revision)?.text ?? STANDARD);
    const wanted = restored ?? text;
    const { good, findings } = check(wanted);
    if (!good) return problem(res, 422, 'plan_not_good', { findings });
    this.apply(wanted, { author: this.#mock.session.person.name, note, restores: revision || null });
    this.#mock.tell('plan', String(this.last.revision), 'changed');
    return json(res, 200, this.#plan());
  }

  #override(res, { open, until, reason }) {
    const { json, problem } = this.#tools;
    const ends = moment(until);
    if (ends === null) return problem(res, 400, 'bad_request');
    const id = `019aa000-0000-7000-a000-${String(++this.#made).padStart(12, '0')}`;
    const now = new Date().toISOString();
    const made = { id, open, from: now, until: ends, reason: reason ?? null, author: this.#mock.session.person.name, set_at: now };
    this.overrides.push(made);
    this.#mock.tell('opening', id, 'created');
    return json(res, 201, made);
  }

  #lift(res, url) {
    const { send, problem } = this.#tools;
    const id = url.pathname.split('/').at(-1);
    const at = this.overrides.findIndex((one) => one.id === id);
    if (at < 0) return problem(res, 404, 'not_found');
    this.overrides.splice(at, 1);
    this.#mock.tell('opening', id, 'changed');
    return send(res, 204);
  }

  #opening() {
    const hand = this.overrides.at(-1);
    const state = hand
      ? { open: hand.open, why: 'override', detail: hand.reason, until: hand.until }
      : { open: false, why: 'outside', detail: null, until: tomorrow('07:30') };
    return { ...state, timezone: 'Europe/Berlin', overrides: this.overrides };
  }

  #week() {
    const stretches = [];
    const start = new Date();
    start.setUTCHours(0, 0, 0, 0);
    const day = (ahead) => new Date(start.getTime() + ahead * 24 * HOUR_MS).toISOString().slice(0, 10);
    const at = (ahead, time) => `${day(ahead)}T${time}:00+01:00`;
    const shut = (from, until) => stretches.push({ from, until, open: false, step: 'menu.abend', why: both('geschlossen: Montag 07:30-12:00, 13:00-16:30 in hours.betrieb', 'closed: Monday 07:30-12:00, 13:00-16:30 in hours.betrieb'), line: 11 });
    shut(at(0, '00:00'), at(1, '07:30'));
    for (let ahead = 1; ahead < 7; ahead++) {
      stretches.push({ from: at(ahead, '07:30'), until: at(ahead, '12:00'), open: true, step: 'message.tag', why: both('offen: Montag 07:30-12:00 in hours.betrieb', 'open: Monday 07:30-12:00 in hours.betrieb'), line: 11 });
      shut(at(ahead, '12:00'), at(ahead + 1, ahead < 6 ? '07:30' : '00:00'));
    }
    return stretches;
  }
}

function check(text) {
  const findings = text.split('\n').flatMap((line, at) => {
    const place = { start: 0, end: 0, line: at + 1, column: 8 };
    if (/gone/.test(line)) {
      const help = both('Gemeint ist vielleicht menu.abend.', 'Perhaps menu.abend is meant.');
      return [{ code: 'P101', severity: 'error', ...place, message: both('Den Schritt menu.gone gibt es nicht', 'There is no step menu.gone'), label: both('Ziel', 'target'), help }];
    }
    if (/# hm/.test(line)) {
      return [{ code: 'P301', severity: 'warning', ...place, message: both('Hierher kommt niemand', 'Nobody gets here'), label: both(''), help: null }];
    }
    return [];
  });
  return { good: !findings.some((one) => one.severity === 'error'), findings };
}

function simulated({ at, caller, keys }) {
  const told = [
    { after_ms: 0, kind: 'step', step: 'menu.abend', line: 8, by: 'route' },
    { after_ms: 0, kind: 'says', text: 'Guten Tag bei Sanitär Talblick. Wir haben bis Montag um sieben Uhr dreißig geschlossen. Bei einem Wasserschaden drücken Sie die Eins.', prompt: null },
  ];
  if (keys?.includes('1')) {
    told.push({ after_ms: 9400, kind: 'presses', key: '1' }, { after_ms: 9400, kind: 'step', step: 'message.notfall', line: 18, by: 'keys' });
    told.push({ after_ms: 9400, kind: 'says', text: 'Was ist geschehen? Bitte sprechen Sie nach dem Signalton.', prompt: null });
  } else {
    told.push({ after_ms: 9400, kind: 'silent', seconds: 6 }, { after_ms: 15_400, kind: 'step', step: 'message.tag', line: 19, by: 'silence' });
    told.push({ after_ms: 15_400, kind: 'says', text: 'Guten Tag. Sie erreichen uns gerade nicht persönlich.', prompt: 'greeting' });
  }
  told.push({ after_ms: 20_000, kind: 'says', text: 'Signalton', prompt: 'beep' }, { after_ms: 20_000, kind: 'speaks', seconds: 10 });
  told.push({ after_ms: 38_000, kind: 'kept', urgent: !!keys?.includes('1') }, { after_ms: 38_000, kind: 'ends', by_caller: true });
  const why = both('geschlossen: Sonntag hat keine Zeiten in hours.betrieb', 'closed: Sunday has no times in hours.betrieb');
  return { at: `${at || '2026-12-27T19:30'}:00+01:00`, caller: caller ?? null, step: 'menu.abend', why, line: 10, heard: told };
}

function moment(until) {
  if (until === 'next opening') return tomorrow('07:30');
  if (/^tomorrow /.test(until)) return tomorrow(until.slice(-5));
  if (/^today /.test(until)) return new Date(Date.now() + 3 * HOUR_MS).toISOString();
  const exact = Date.parse(`${until}:00+01:00`);
  return Number.isNaN(exact) || exact < Date.now() ? null : new Date(exact).toISOString();
}

function tomorrow(time) {
  const day = new Date(Date.now() + 24 * HOUR_MS).toISOString().slice(0, 10);
  return new Date(`${day}T${time}:00+01:00`).toISOString();
}

function diff(before, after) {
  if (before === after) return '';
  const [a, b] = [before.split('\n'), after.split('\n')];
  const gone = a.filter((line) => !b.includes(line)).map((line) => `-${line}`);
  const added = b.filter((line) => !a.includes(line)).map((line) => `+${line}`);
  return ['--- before', '+++ after', '@@ -1 +1 @@', ...gone, ...added].join('\n');
}
