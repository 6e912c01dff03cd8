// The only door to the server: a client typed from web/openapi.json, and one
// error type that says whose fault it was, so that a view can say what to do.
import createClient from 'openapi-fetch';
import type { components, paths } from './api';

export type Session = components['schemas']['Session'];
export type Message = components['schemas']['Message'];
export type MessageDetail = components['schemas']['MessageDetail'];
export type MessagePage = components['schemas']['MessageList'];
export type Prompt = components['schemas']['Prompt'];
export type PromptVersion = components['schemas']['PromptVersion'];
export type PromptList = components['schemas']['PromptList'];
export type TimelineEvent = MessageDetail['timeline'][number];

/** Who has to act: the network, the person (sign in again), nobody (it is gone), or the server. */
export type Blame = 'offline' | 'signed-out' | 'gone' | 'server';

export class ApiError extends Error {
  constructor(
    readonly blame: Blame,
    readonly status: number,
    /** The machine-readable code of the problem document, where there is one. */
    readonly code: string,
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
  const code = (error as { code?: unknown } | undefined)?.code;
  throw new ApiError(blame(response.status), response.status, typeof code === 'string' ? code : '');
}

function blame(status: number): Blame {
  if (status === 401) return 'signed-out';
  if (status === 404 || status === 410) return 'gone';
  return 'server';
}

const byId = (id: string) => ({ params: { path: { id } } });
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
