import { createHash, randomBytes } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { JwkSet } from '../../src/jwt/types.js'
import KEYS from './signing-keys.json' with { type: 'json' }
import { startIdp, type Idp, type IdpOptions } from '../../src/idp/idp.js'

/** A provider for one test, closed when it ends. The keys are fixed: making an RSA key costs more than starting a provider. */
export async function idpForTest(options: IdpOptions = {}): Promise<Idp> {
  const idp = await startIdp({ jwks: KEYS as JwkSet, ...options })
  onTestFinished(() => idp.close())
  return idp
}

export type Metadata = Readonly<Record<string, string>>

export const metadataOf = async (idp: Idp): Promise<Metadata> =>
  (await (await fetch(`${idp.issuer}/.well-known/openid-configuration`)).json()) as Metadata

interface Client {
  readonly client_id: string
  readonly client_secret?: string
}

const basic = ({ client_id, client_secret = '' }: Client): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`,
})

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // Answers of a provider are JSON of every shape; the assertions say which.
  readonly body: Readonly<Record<string, unknown>>
  readonly text: string
}

/** POSTs a form, authenticated by Basic when a client with a secret is given, and by `client_id` when it has none. */
export async function post(
  url: string | undefined,
  form: Readonly<Record<string, string>>,
  client?: Client,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const answer = await fetch(url ?? '', {
    method: 'POST',
    redirect: 'manual',
    headers: { ...(client?.client_secret !== undefined && basic(client)), ...headers },
    body: new URLSearchParams({ ...form, ...(client && client.client_secret === undefined && { client_id: client.client_id }) }),
  })
  const text = await answer.text()
  const isJson = answer.headers.get('content-type')?.includes('json') === true
  return { status: answer.status, headers: answer.headers, text, body: isJson ? (JSON.parse(text) as Answer['body']) : {} }
}

const part = (token: unknown, index: 0 | 1): Record<string, unknown> =>
  JSON.parse(Buffer.from(String(token).split('.')[index] ?? '', 'base64url').toString()) as Record<string, unknown>

export const claims = (token: unknown): Record<string, unknown> => part(token, 1)
export const header = (token: unknown): Record<string, unknown> => part(token, 0)

export interface BrowserPage {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly html: string
}

/** A browser of a few lines: cookies by path, redirects followed on the provider only, forms filled by name. */
export class Browser {
  readonly #cookies = new Map<string, { readonly value: string; readonly path: string }>()

  async go(url: string, init: RequestInit = {}): Promise<BrowserPage> {
    const { pathname, origin } = new URL(url)
    const cookie = [...this.#cookies].filter(([, { path }]) => pathname.startsWith(path)).map(([name, { value }]) => `${name}=${value}`)
    const answer = await fetch(url, {
      redirect: 'manual',
      ...init,
      headers: { accept: 'text/html', cookie: cookie.join('; '), ...(init.headers as Record<string, string> | undefined) },
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      const path = /; path=([^;]+)/i.exec(line)?.[1] ?? '/'
      if (value === '') this.#cookies.delete(name)
      else this.#cookies.set(name, { value, path })
    }
    const location = answer.headers.get('location')
    if (location !== null) {
      const next = new URL(location, url)
      if (next.origin === origin) return this.go(next.href)
      await answer.arrayBuffer()
      return { url: next.href, status: answer.status, headers: answer.headers, html: '' }
    }
    return { url, status: answer.status, headers: answer.headers, html: await answer.text() }
  }

  /** Sends the page's form: its hidden fields and these. */
  async submit(page: BrowserPage, fields: Readonly<Record<string, string>>): Promise<BrowserPage> {
    const action = /<form[^>]* action="([^"]*)"/.exec(page.html)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const hidden = [...page.html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ])
    return this.go(new URL(action, page.url).href, {
      method: 'POST',
      body: new URLSearchParams({ ...Object.fromEntries(hidden), ...fields } as Record<string, string>),
    })
  }

  async signIn(url: string, username = 'alice', password = `${username}-password`): Promise<BrowserPage> {
    return this.submit(await this.go(url), { username, password })
  }
}

export interface CodeRequest {
  readonly url: string
  readonly redirect_uri: string
  readonly code_verifier: string
  readonly state: string
  readonly nonce: string
}

/** An authorization request with PKCE, state and nonce. */
export function codeRequest(idp: Idp, clientId: string, parameters: Readonly<Record<string, string>> = {}): CodeRequest {
  const [code_verifier, state, nonce] = [0, 1, 2].map(() => randomBytes(32).toString('base64url')) as [string, string, string]
  const redirect_uri = parameters['redirect_uri'] ?? 'http://127.0.0.1:8765/callback'
  const url = new URL(`${idp.issuer}/v1/authorize`)
  url.search = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    scope: 'openid profile email groups api.read',
    code_challenge: createHash('sha256').update(code_verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...parameters,
    redirect_uri,
  }).toString()
  return { url: url.href, redirect_uri, code_verifier, state, nonce }
}

/** Signs in and exchanges the code. */
export async function tokensByCode(
  idp: Idp,
  client: Client,
  { username = 'alice', parameters = {} }: { readonly username?: string; readonly parameters?: Readonly<Record<string, string>> } = {},
): Promise<Answer & { readonly request: CodeRequest; readonly redirected: URL }> {
  const request = codeRequest(idp, client.client_id, parameters)
  const redirected = new URL((await new Browser().signIn(request.url, username)).url)
  const answer = await post(
    `${idp.issuer}/v1/token`,
    {
      grant_type: 'authorization_code',
      code: redirected.searchParams.get('code') ?? '',
      redirect_uri: request.redirect_uri,
      code_verifier: request.code_verifier,
    },
    client,
  )
  return { ...answer, request, redirected }
}
