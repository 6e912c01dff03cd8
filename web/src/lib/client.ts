// The only door to the server: a client typed from web/openapi.json, and one
// error type that says whose fault it was, so that a view can say what to do.
import createClient from 'openapi-fetch';
import type { components, paths } from './api';

export type Session = components['schemas']['Session'];
export type Message = components['schemas']['Message'];
export type MessageDetail = components['schemas']['MessageDetail'];
export type MessagePage = components['schemas']['MessageList'];
export type Opening = components['schemas']['Opening'];
export type OpeningOverride = components['schemas']['OpeningOverride'];
export type NewOverride = components['schemas']['NewOverride'];
export type Plan = components['schemas']['Plan'];
export type PlanChecked = components['schemas']['PlanChecked'];
export type PlanQuestion = components['schemas']['PlanQuestion'];
export type PlanSimulated = components['schemas']['PlanSimulated'];
export type PlanWeek = components['schemas']['PlanWeek'];
export type Finding = components['schemas']['Finding'];
export type Revision = components['schemas']['Revision'];
export type RevisionEntry = components['schemas']['RevisionEntry'];
export type RevisionList = components['schemas']['RevisionList'];
export type Pin = components['schemas']['Pin'];
export type Prompt = components['schemas']['Prompt'];
export type PromptVersion = components['schemas']['PromptVersion'];
export type PromptList = components['schemas']['PromptList'];
export type Callback = components['schemas']['Callback'];
export type CallbackDetail = components['schemas']['CallbackDetail'];
export type CallbackList = components['schemas']['CallbackList'];
export type CallbackReach = components['schemas']['CallbackReach'];
export type CallbackOutcome = components['schemas']['CallbackOutcome'];
export type TimelineEvent = MessageDetail['timeline'][number];

/** Who has to act: the network, the person (sign in again), nobody (it is gone), or the server. */
export type Blame = 'offline' | 'signed-out' | 'gone' | 'server';

export class ApiError extends Error {
  constructor(
    readonly blame: Blame,
    readonly status: number,
    /** The machine-readable code of the problem document, where there is one. */
    readonly code: string,
    /** Of a plan that is not good. */
    readonly findings: Finding[] = [],
  ) {
    super(`${blame} ${status} ${code}`);
  }
}

const client = createClient<paths>({ credentials: 'same-origin' });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

async function settled<T>(asked: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch {
    // fetch rejects only where no HTTP answer came at all.
    throw new ApiError('offline', 0, 'offline');
  }
  const { data, error, response } = answer;
  if (response.ok) return data as T;
  const { code, findings } = (error ?? {}) as { code?: unknown; findings?: unknown };
  const known = Array.isArray(findings) ? (findings as Finding[]) : [];
  throw new ApiError(blame(response.status), response.status, typeof code === 'string' ? code : '', known);
}

function blame(status: number): Blame {
  if (status === 401) return 'signed-out';
  if (status === 404 || status === 410) return 'gone';
  return 'server';
}

const byId = (id: string) => ({ params: { path: { id } } });
/** What is done with a callback: its address, and what it says. */
export interface CallbackActs {
  claim: object;
  release: object;
  attempts: { result: CallbackReach };
  notes: { note: string };
  snooze: { until: string };
  done: { outcome: CallbackOutcome };
  'give-up': object;
  reopen: object;
  undo: object;
  urgent: { urgent: boolean };
  number: { number: string };
  allow: object;
  admit: object;
}

/** A request that is sent twice is done once. `randomUUID` is not there where the page came by plain http. */
function onceKey() {
  const bits = crypto.getRandomValues(new Uint32Array(4));
  return { header: { 'Idempotency-Key': Array.from(bits, (part) => part.toString(16).padStart(8, '0')).join('') } };
}

const byPlace = ({ language, id }: Prompt) => ({ params: { path: { language, id } } });

export const api = {
  session: () => settled<Session>(client.GET('/api/v1/session')),
  signIn: (token: string) => settled<Session>(client.POST('/api/v1/session', { body: { token } })),
  signOut: () => settled<unknown>(client.DELETE('/api/v1/session')),
  messages: (query: { limit?: number; before?: string; state?: Message['state'] }) =>
    settled<MessagePage>(client.GET('/api/v1/messages', { params: { query } })),
  message: (id: string) => settled<MessageDetail>(client.GET('/api/v1/messages/{id}', byId(id))),
  change: (id: string, body: { heard?: boolean; urgent?: boolean }) =>
    settled<Message>(client.PATCH('/api/v1/messages/{id}', { ...byId(id), body })),
  remove: (id: string) => settled<unknown>(client.DELETE('/api/v1/messages/{id}', byId(id))),
  restore: (id: string) => settled<Message>(client.POST('/api/v1/messages/{id}/restore', byId(id))),
  callbacks: (query: NonNullable<paths['/api/v1/callbacks']['get']['parameters']['query']>) =>
    settled<CallbackList>(client.GET('/api/v1/callbacks', { params: { query } })),
  callback: (id: string) => settled<CallbackDetail>(client.GET('/api/v1/callbacks/{id}', byId(id))),
  callbackNext: () => settled<Callback | undefined>(client.POST('/api/v1/callbacks/next', { params: onceKey() })),
  callbackAct: <A extends keyof CallbackActs>(id: string, act: A, body: CallbackActs[A]) =>
    // One address a word: each has its own type in the document, all answer alike.
    settled<Callback>(
      client.POST(`/api/v1/callbacks/{id}/${act}` as '/api/v1/callbacks/{id}/claim', {
        params: { path: { id }, ...onceKey() },
        body: body as Record<string, never>,
      }),
    ),
  opening: () => settled<Opening>(client.GET('/api/v1/opening')),
  overrideSet: (body: NewOverride) => settled<OpeningOverride>(client.POST('/api/v1/opening/override', { body })),
  overrideLift: (id: string) => settled<unknown>(client.DELETE('/api/v1/opening/override/{id}', byId(id))),
  plan: () => settled<Plan>(client.GET('/api/v1/plan')),
  planCheck: (text: string) => settled<PlanChecked>(client.POST('/api/v1/plan/check', { body: { text } })),
  planPut: (text: string, based_on: number, note: string) =>
    settled<Plan>(client.PUT('/api/v1/plan', { body: { text, based_on, note } })),
  planRollback: (revision: number, based_on: number) =>
    settled<Plan>(client.POST('/api/v1/plan/rollback', { body: { revision, based_on, note: '' } })),
  planSimulate: (body: PlanQuestion) => settled<PlanSimulated>(client.POST('/api/v1/plan/simulate', { body })),
  planWeek: (body: PlanQuestion) => settled<PlanWeek>(client.POST('/api/v1/plan/week', { body })),
  revisions: (before?: number) => settled<RevisionList>(client.GET('/api/v1/plan/revisions', { params: { query: { limit: 20, before } } })),
  planDiff: (from: number, to: number) => settled<{ diff: string }>(client.GET('/api/v1/plan/diff', { params: { query: { from, to } } })),
  pin: () => settled<Pin>(client.GET('/api/v1/pin')),
  pinPut: (pin: string) => settled<unknown>(client.PUT('/api/v1/pin', { body: { pin } })),
  pinUnlock: () => settled<unknown>(client.POST('/api/v1/pin/unlock')),
  prompts: () => settled<PromptList>(client.GET('/api/v1/prompts')),
  promptUpload: ({ language, id }: Prompt, file: Blob, transcript: string) =>
    settled<Prompt>(
      client.PUT('/api/v1/prompts/{language}/{id}', {
        params: { path: { language, id }, query: { transcript } },
        body: file as unknown as string,
        bodySerializer: (bytes) => bytes as unknown as Blob,
        headers: { 'content-type': file.type || 'application/octet-stream' },
      }),
    ),
  promptSay: (prompt: Prompt, text: string) =>
    settled<Prompt>(client.POST('/api/v1/prompts/{language}/{id}/say', { ...byPlace(prompt), body: { text } })),
  promptRestore: (prompt: Prompt, version: string) =>
    settled<Prompt>(client.POST('/api/v1/prompts/{language}/{id}/restore', { ...byPlace(prompt), body: { version } })),
  promptReset: (prompt: Prompt) => settled<Prompt>(client.DELETE('/api/v1/prompts/{language}/{id}', byPlace(prompt))),
};
