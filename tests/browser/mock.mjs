// A server with the page's API in memory: sessions, messages, live events,
// audio with ranges, and the real security headers. Enough to try every state
// of the page, also those a real server rarely shows (errors, gaps, silence).
// `node mock.mjs [port]` starts it by itself to look at the page.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fillCallbacks, MockCallbacks } from './mock_callbacks.mjs';
import { MockOffice } from './mock_office.mjs';
import { peaksOf, speechLike } from './wav.mjs';

const DIST = new URL('../../web/dist/', import.meta.url);

export const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; " +
  "connect-src 'self'; manifest-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

const session = () => ({
  person: { id: 'p1', name: 'Inhaberin', role: 'owner', language: 'de' },
  tenant: { id: 't1', name: 'Sanitär Talblick', language: 'de', timezone: 'Europe/Berlin' },
});

export class Mock {
  messages = [];
  /** Who signs in. */
  session = session();
  office = new MockOffice(this, { json, send, problem, body });
  callbacks = new MockCallbacks(this, { json, send, problem, body });
  prompts = shippedPrompts();
  /** Uploads, as they came: place, type, transcript, bytes. */
  uploads = [];
  deleted = new Map();
  tokens = new Set();
  sessions = new Set();
  streams = new Set();
  /** All requests for audio, with their Range. */
  audioRequests = [];
  /** Status to answer with instead, by "METHOD path-prefix". */
  faults = new Map();
  #server = createServer((req, res) => this.#route(req, res).catch((error) => this.#crash(res, error)));
  #made = 0;

  async start(port = 0) {
    await new Promise((done) => this.#server.listen(port, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
    return this;
  }

  async stop() {
    this.cut();
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  link() {
    const token = `once-${++this.#made}`;
    this.tokens.add(token);
    return `${this.url}/login#${token}`;
  }

  /** A message is kept: in the list, and told to all who listen. */
  arrive(fields = {}, { quiet = false } = {}) {
    const message = this.#make(fields);
    this.messages.push(message);
    this.messages.sort((a, b) => (a.at < b.at ? 1 : -1));
    if (!quiet) this.tell('message', message.id, 'created');
    return message;
  }

  restore(id) {
    const back = this.deleted.get(id);
    if (!back) return null;
    this.deleted.delete(id);
    this.messages.push(back);
    this.messages.sort((a, b) => (a.at < b.at ? 1 : -1));
    this.tell('message', id, 'created');
    return back;
  }

  tell(noun, id, kind) {
    for (const stream of this.streams) stream.write(`event: change\ndata: ${JSON.stringify({ noun, id, kind })}\n\n`);
  }

  resync() {
    for (const stream of this.streams) stream.write('event: resync\ndata: {}\n\n');
  }

  /** Breaks every live line. */
  cut() {
    for (const stream of this.streams) stream.destroy();
    this.streams.clear();
  }

  #make(fields) {
    const n = ++this.#made;
    const duration = fields.duration ?? 12.4;
    const id = `019aa000-0000-7000-8000-${String(n).padStart(12, '0')}`;
    return {
      id,
      call_id: `call-${n}`,
      caller: '+497119876543',
      caller_name: '',
      contact: null,
      called: '+49711123456',
      step: 'message.standard',
      at: new Date().toISOString(),
      duration,
      state: 'new',
      urgent: false,
      damaged: false,
      peaks: peaksOf(duration),
      transcript: null,
      audio: `/api/v1/messages/${id}/audio`,
      ...fields,
    };
  }

  async #route(req, res) {
    const url = new URL(req.url, 'http://mock');
    const fault = [...this.faults].find(([on]) => `${req.method} ${url.pathname}`.startsWith(on));
    if (fault) return fault[1] === 'drop' ? res.destroy() : problem(res, fault[1], 'storage_unavailable');
    if (!url.pathname.startsWith('/api/')) return this.#file(url.pathname, res);
    if (url.pathname === '/api/v1/session') return this.#session(req, res);
    const sid = /(?:^|; )sid=([^;]+)/.exec(req.headers.cookie ?? '')?.[1];
    if (!this.sessions.has(sid)) return problem(res, 401, 'not_signed_in');
    if (url.pathname === '/api/v1/events') return this.#events(req, res);
    if (/^\/api\/v1\/(plan|opening|pin)\b/.test(url.pathname)) return this.office.route(req, res, url);
    if (url.pathname.startsWith('/api/v1/callbacks')) return this.callbacks.route(req, res, url);
    if (url.pathname === '/api/v1/messages') return this.#list(url, res);
    if (url.pathname.startsWith('/api/v1/prompts')) return this.#prompts(req, res, url);
    const [, id, rest] = /^\/api\/v1\/messages\/([^/]+)(?:\/(\w+))?$/.exec(url.pathname) ?? [];
    return this.#one(req, res, url, id, rest ?? '');
  }

  async #session(req, res) {
    const sid = /(?:^|; )sid=([^;]+)/.exec(req.headers.cookie ?? '')?.[1];
    if (req.method === 'POST') {
      const { token } = await body(req);
      if (!this.tokens.delete(token)) return problem(res, 401, 'link_used');
      const fresh = `s${++this.#made}`;
      this.sessions.add(fresh);
      return json(res, 200, this.session, { 'set-cookie': `sid=${fresh}; HttpOnly; SameSite=Lax; Path=/` });
    }
    if (req.method === 'DELETE') {
      this.sessions.delete(sid);
      return send(res, 204);
    }
    return this.sessions.has(sid) ? json(res, 200, this.session) : problem(res, 401, 'not_signed_in');
  }

  #events(req, res) {
    res.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    res.write('retry: 300\n\n');
    this.streams.add(res);
    res.on('close', () => this.streams.delete(res));
  }

  #list(url, res) {
    const limit = Math.min(200, Number(url.searchParams.get('limit') ?? 50));
    const before = url.searchParams.get('before');
    const state = url.searchParams.get('state');
    const all = this.messages.filter((m) => (!state || m.state === state) && (!before || m.at < before));
    const messages = all.slice(0, limit);
    const counts = { new: this.messages.filter((m) => m.state === 'new').length, total: this.messages.length };
    return json(res, 200, { messages, next: all.length > limit ? messages.at(-1).at : null, counts });
  }

  async #prompts(req, res, url) {
    const [, language, id, rest] = /^\/api\/v1\/prompts\/(\w+)\/([^/]+)(?:\/(\w+))?$/.exec(url.pathname) ?? [];
    if (!id) return json(res, 200, { prompts: this.prompts });
    const prompt = this.prompts.find((one) => one.language === language && one.id === id);
    if (!prompt) return problem(res, 404, 'not_found');
    if (rest === 'audio') return send(res, 200, speechLike(2), { 'content-type': 'audio/wav' });
    if (req.method === 'DELETE') this.#current(prompt, null);
    if (req.method === 'PUT') {
      const bytes = await raw(req);
      if (bytes.toString('latin1', 0, 4) !== 'RIFF') return problem(res, 422, 'not_audio');
      const transcript = url.searchParams.get('transcript') ?? '';
      this.uploads.push({ place: `${language}/${id}`, type: req.headers['content-type'], transcript, bytes });
      this.make(prompt, 'upload', transcript);
    }
    if (rest === 'say') this.make(prompt, 'text', (await body(req)).text);
    if (rest === 'restore') {
      const { version } = await body(req);
      const found = prompt.versions.find((one) => one.id === version);
      if (!found) return problem(res, 404, 'not_found');
      this.#current(prompt, found);
    }
    this.tell('prompt', `${language}/${id}`, 'changed');
    return json(res, 200, prompt);
  }

  /** A new version of a prompt, which is current then. */
  make(prompt, source, transcript) {
    const seq = prompt.versions.length + 1;
    const id = `019aa000-0000-7000-9000-${String(++this.#made).padStart(12, '0')}`;
    const created_at = new Date().toISOString();
    const audio = `${prompt.audio}?version=${id}`;
    prompt.versions.unshift({ id, seq, source, transcript, duration: 4.2, created_at, author: 'Inhaberin', current: true, audio });
    this.#current(prompt, prompt.versions[0]);
  }

  #current(prompt, version) {
    for (const one of prompt.versions) one.current = one === version;
    prompt.current = version;
  }

  async #one(req, res, url, id, rest) {
    const message = this.messages.find((m) => m.id === id);
    if (rest === 'restore' && req.method === 'POST') {
      const back = this.restore(id);
      return back ? json(res, 200, back) : problem(res, 404, 'no_message');
    }
    if (!message) return problem(res, 404, 'no_message');
    if (rest === 'audio') return this.#audio(req, res, url, message);
    if (req.method === 'PATCH') {
      const { heard, urgent } = await body(req);
      if (heard !== undefined) message.state = heard ? 'heard' : 'new';
      if (urgent !== undefined) message.urgent = urgent;
      this.tell('message', id, 'changed');
      return json(res, 200, message);
    }
    if (req.method === 'DELETE') {
      this.messages = this.messages.filter((m) => m.id !== id);
      this.deleted.set(id, message);
      this.tell('message', id, 'deleted');
      return send(res, 204);
    }
    return json(res, 200, { ...message, timeline: timelineOf(message) });
  }

  #audio(req, res, url, message) {
    const range = req.headers.range;
    this.audioRequests.push({ id: message.id, range });
    if (message.damaged === 'gone') return problem(res, 404, 'no_audio');
    const wav = speechLike(message.duration);
    const headers = { 'content-type': 'audio/wav', 'accept-ranges': 'bytes', 'cache-control': 'private, no-store' };
    if (url.searchParams.has('download')) headers['content-disposition'] = `attachment; filename="${message.id}.wav"`;
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
    if (from === undefined) return send(res, 200, wav, headers);
    const start = Number(from);
    const end = to ? Math.min(Number(to), wav.length - 1) : wav.length - 1;
    headers['content-range'] = `bytes ${start}-${end}/${wav.length}`;
    return send(res, 206, wav.subarray(start, end + 1), headers);
  }

  /** Any path that is no file is the page: it has paths of its own. */
  async #file(path, res) {
    const name = extname(path) ? path.slice(1) : 'index.html';
    try {
      const data = await readFile(new URL(name, DIST));
      return send(res, 200, data, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' });
    } catch {
      return send(res, 404, 'not here');
    }
  }

  #crash(res, error) {
    console.error(error);
    problem(res, 500, 'mock_crashed');
  }
}

const HEADERS = { 'content-security-policy': CSP, 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' };

function send(res, status, data, headers = {}) {
  res.writeHead(status, { ...HEADERS, ...headers });
  res.end(data);
}

function json(res, status, data, headers = {}) {
  send(res, status, JSON.stringify(data), { 'content-type': 'application/json', ...headers });
}

function problem(res, status, code, more = {}) {
  const data = { type: `urn:nightdesk:${code}`, title: code, status, code, detail: '', ...more };
  send(res, status, JSON.stringify(data), { 'content-type': 'application/problem+json' });
}

async function raw(req) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function body(req) {
  return JSON.parse((await raw(req)).toString() || '{}');
}

/** What ships, some of it. */
function shippedPrompts() {
  const texts = {
    de: { beep: 'Signalton', greeting: 'Guten Tag. Sie erreichen uns gerade nicht persönlich.', 'leave-message': 'Bitte hinterlassen Sie eine Nachricht nach dem Signalton.', saved: 'Ihre Nachricht ist gespeichert. Vielen Dank für Ihren Anruf.' },
    en: { beep: 'Beep', greeting: 'Hello. You have reached us while we are away.', 'leave-message': 'Please leave a message after the tone.', saved: 'Your message has been saved.' },
  };
  return Object.entries(texts).flatMap(([language, all]) =>
    Object.entries(all).map(([id, shipped]) => ({ language, id, shipped, current: null, versions: [], audio: `/api/v1/prompts/${language}/${id}/audio` })),
  );
}

function timelineOf({ at, duration, urgent }) {
  const start = Date.parse(at) - duration * 1000 - 9000;
  const event = (s, kind, detail = {}) => ({ at: new Date(start + s * 1000).toISOString(), kind, detail });
  return [
    event(0, 'incoming', { sip_call_id: 'a@b', diversion: [] }),
    event(0.1, 'answered'),
    event(0.2, 'connected', { codec: 'pcma', events: true, held: false }),
    event(7, 'played', { prompt: 'greeting', ms: 6900, complete: true }),
    event(7.4, 'played', { prompt: 'beep', ms: 300, complete: true }),
    event(7.4, 'recording'),
    event(7.5 + duration, 'key', { key: '#' }),
    event(7.6 + duration, 'recorded', { total_ms: duration * 1000, sound_ms: duration * 900, end: 'key' }),
    event(7.7 + duration, 'saved', { duration_ms: duration * 1000 }),
    ...(urgent ? [event(8 + duration, 'urgent')] : []),
    event(8.5 + duration, 'weather_changed', { to: 'rain' }),
    event(9 + duration, 'ended', { cause: 'bye' }),
  ];
}

/** A night at the desk, to look at. */
export function fill(mock, now = Date.now()) {
  const ago = (minutes) => new Date(now - minutes * 60_000).toISOString();
  const add = (minutes, fields) => mock.arrive({ at: ago(minutes), ...fields }, { quiet: true });
  add(4, { urgent: true, caller: '+4915112345678', duration: 36.2, transcript: 'Guten Abend, bei uns im Keller steht das Wasser, etwa zehn Zentimeter, und es steigt noch. Bitte rufen Sie mich so schnell wie möglich zurück, auch nachts. Die Adresse ist Talstraße 14, Hinterhaus.' });
  add(47, { caller: '+497119876543', caller_name: 'Bäckerei am Markt', duration: 21.7 });
  add(190, { caller: null, duration: 8.3 });
  add(60 * 25, { caller: '+43158800110', state: 'heard', duration: 74.6, transcript: 'Grüß Gott, es geht um das Angebot für die Wärmepumpe. Bitte um Rückruf bis Freitag.' });
  add(60 * 27, { step: 'message.hausverwaltung', caller: '+4933200123456', caller_name: 'Hausverwaltung Havelblick, Frau in der Vermietung', state: 'heard', duration: 142, damaged: true });
  add(60 * 75, { caller: '+4989123456', state: 'heard', duration: 15 });
  fillCallbacks(mock, now);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const mock = await new Mock().start(Number(process.argv[2] ?? 8787));
  fill(mock);
  console.log(`The page with a server in memory. Sign in: ${mock.link()}\nEnter lets a message arrive.`);
  process.stdin.on('data', () => mock.arrive());
}
