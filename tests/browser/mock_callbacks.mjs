// The queue's part of the server in memory: entries, what is done with them, and taking it back.

const MINUTE_MS = 60_000;
const OUTCOMES = { 'give-up': 'given_up', done: 'done' };

export class MockCallbacks {
  items = [];
  /** What was asked, as `id act`. */
  acts = [];
  /** Keys of requests that said who they are. */
  keys = new Set();
  #before = new Map();
  #mock;
  #tools;
  #made = 0;

  constructor(mock, tools) {
    this.#mock = mock;
    this.#tools = tools;
  }

  /** An entry; in the order of the list. */
  arrive(fields = {}, { quiet = false } = {}) {
    const n = ++this.#made;
    const now = new Date().toISOString();
    const one = {
      id: `019ab000-0000-7000-8000-${String(n).padStart(12, '0')}`,
      version: 1, state: 'open', until: null, holder: null, assigned: null, name: '', contact: null, contact_id: null,
      number: '+4930231250' + String(n).padStart(2, '0'), caller: null, leave: null, matter: null, step: null,
      line: '+493023125000', language: 'de', urgent: false, held: false, promise: null, promised_at: null, slot: null,
      overdue: false, overdue_since: null, due: true, calls: 1, last_at: now, attempts: 0, tried_at: null,
      give_up_proposed: false, note: '', created_at: now, opened_at: now, outcome: null, over_at: null,
      message_id: null, timeline: [{ seq: 1, at: now, kind: 'created', by: CALLER, detail: {}, undoable: false }],
      ...fields,
    };
    if (fields.first) this.items.unshift(one);
    else this.items.push(one);
    if (!quiet) this.#mock.tell('callback', one.id, 'created');
    return one;
  }

  async route(req, res, url) {
    const { json, send, problem, body } = this.#tools;
    const [, id, act] = /^\/api\/v1\/callbacks(?:\/([^/]+))?(?:\/([\w-]+))?$/.exec(url.pathname) ?? [];
    if (!id) return json(res, 200, this.#list(url.searchParams));
    if (req.method === 'POST' && req.headers['idempotency-key']) this.keys.add(req.headers['idempotency-key']);
    if (id === 'next') {
      const next = this.items.find((one) => one.due && one.state === 'open');
      if (!next) return send(res, 204);
      this.#do(next, 'claim', {});
      return json(res, 200, shown(next));
    }
    const one = this.items.find((found) => found.id === id);
    if (!one) return problem(res, 404, 'not_found');
    if (!act) return json(res, 200, whole(one));
    if (act === 'claim' && one.holder && !one.holder.you) return problem(res, 409, 'claimed');
    this.acts.push(`${id} ${act}`);
    const given = await body(req);
    if (act === 'undo') {
      const before = this.#before.get(id);
      if (!before) return problem(res, 409, 'nothing_to_undo');
      Object.assign(one, before);
      this.#before.delete(id);
      this.#told(one, 'undone', {});
    } else this.#do(one, act, given);
    return json(res, 200, shown(one));
  }

  #list(query) {
    const flag = (name) => query.get(name) === 'true';
    const over = (one) => one.state === 'done' || one.state === 'given_up';
    const found = this.items.filter(
      (one) =>
        over(one) === (query.get('show') === 'done') &&
        (!flag('mine') || one.holder?.you) &&
        (!flag('due') || (one.due && one.state === 'open')) &&
        (!flag('overdue') || one.overdue) &&
        (!flag('urgent') || one.urgent),
    );
    const open = this.items.filter((one) => !over(one));
    const counts = { open: open.length, overdue: open.filter((one) => one.overdue).length };
    return { callbacks: found.map(shown), next: null, counts };
  }

  #do(one, act, given) {
    const { timeline, ...before } = one;
    this.#before.set(one.id, before);
    const later = (minutes) => new Date(Date.now() + minutes * MINUTE_MS).toISOString();
    const free = { state: 'open', holder: null, until: null };
    if (act === 'claim') Object.assign(one, { state: 'claimed', holder: YOU, until: later(15) });
    if (act === 'release') Object.assign(one, free);
    if (act === 'notes') one.note = given.note;
    if (act === 'snooze') Object.assign(one, free, { state: 'snoozed', until: given.until });
    if (act === 'urgent') one.urgent = given.urgent;
    if (act === 'allow') one.leave = { ...one.leave, by: YOU };
    if (act === 'number') one.number = given.number;
    if (act === 'reopen') Object.assign(one, free, { outcome: null, over_at: null });
    if (OUTCOMES[act]) Object.assign(one, free, { state: OUTCOMES[act], outcome: given.outcome ?? null, over_at: later(0) });
    if (act === 'attempts') {
      one.attempts++;
      Object.assign(one, given.result === 'reached' ? { state: 'reached', until: null } : { ...free, state: 'snoozed', until: later(15) });
    }
    const kinds = { claim: 'claimed', release: 'released', attempts: 'attempt', notes: 'note', snooze: 'snoozed', 'give-up': 'given_up' };
    this.#told(one, kinds[act] ?? act, given);
  }

  #told(one, kind, detail) {
    one.version++;
    const seq = one.timeline.length + 1;
    one.timeline = [...one.timeline, { seq, at: new Date().toISOString(), kind, by: YOU, detail, undoable: true }];
    this.#mock.tell('callback', one.id, 'changed');
  }
}

const YOU = { kind: 'person', id: 'p1', name: 'Inhaberin', you: true };
const CALLER = { kind: 'caller', id: 'call-1', name: null, you: false };
export const OTHER = { kind: 'person', id: 'p2', name: 'Werkstatt', you: false };

function shown({ timeline: _, message_id: __, first: ___, ...one }) {
  return one;
}

function whole(one) {
  const call = { call_id: 'call-1', kind: one.message_id ? 'message' : 'missed', at: one.last_at, message_id: one.message_id };
  return { ...shown(one), calls_made: [call], promises: [], tries: [], timeline: one.timeline };
}

/** A morning's queue, to look at. */
export function fillCallbacks(mock, now = Date.now()) {
  const at = (minutes) => new Date(now + minutes * MINUTE_MS).toISOString();
  const add = (fields) => mock.callbacks.arrive(fields, { quiet: true });
  add({
    name: 'Bäckerei am Markt', matter: 'heizung', calls: 3, last_at: at(-47), overdue: true, overdue_since: at(-20),
    promise: 'Wir rufen Sie spätestens heute bis neun Uhr zurück.', promised_at: at(-20), message_id: mock.messages[1]?.id ?? null,
  });
  add({ contact: 'Hausverwaltung Havelblick', matter: 'notfall', urgent: true, last_at: at(-4), message_id: mock.messages[0]?.id ?? null });
  add({
    name: 'Blumenladen', matter: 'termin', last_at: at(-300), due: false,
    promise: 'Ihr Rückruf ist morgen um neun Uhr dreißig.', promised_at: at(60 * 14), note: 'am liebsten früh',
    slot: { calendar: 'rueckruf', start: at(60 * 13.5), end: at(60 * 14), start_local: at(60 * 13.5) },
  });
  add({ name: 'Optik', number: '+43158800110', leave: { why: 'foreign', country: 'AT', by: null }, due: false, last_at: at(-90) });
  add({ holder: OTHER, state: 'claimed', until: at(9), due: false, attempts: 2, last_at: at(-200) });
  add({ name: 'Anrufer ohne Nummer', number: null, due: false, last_at: at(-60 * 26) });
}
