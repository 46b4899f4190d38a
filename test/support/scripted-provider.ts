import { createHash, createPublicKey, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { signJwt } from '../../src/jwt/sign.js'
import type { JsonObject } from '../../src/jwt/types.js'

export interface ProviderRequestSeen {
  readonly method: string
  /** The request target as it came: absolute when the provider is used as a forward proxy. */
  readonly target: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** The body as a form. */
  readonly form: URLSearchParams
}

/** What a scripted endpoint says: an object is JSON with 200. `hang` never answers. */
export type Scripted = JsonObject | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> } | 'hang'

export interface TokenParts {
  readonly header?: JsonObject
  /** Over the defaults; undefined members are left out. */
  readonly claims?: Readonly<Record<string, unknown>>
  readonly key?: KeyObject
}

/** A provider that says whatever a test wants, and counts. Real HTTP, real keys. */
export interface ScriptedProvider {
  readonly issuer: string
  readonly key: KeyObject
  readonly requests: readonly ProviderRequestSeen[]
  /** Bodies it answered with. */
  readonly answers: readonly string[]
  /** The discovery document of the beginning, for scripts that change a part of it. */
  readonly metadata: JsonObject
  count(path: string): number
  /** Replaces an endpoint: `/token`, `/introspect`, `/userinfo`, `/jwks`, `/.well-known/openid-configuration`. */
  script(path: string, answer: Scripted | ((request: ProviderRequestSeen) => Scripted)): void
  /** The clock by which tokens are issued. */
  useClock(now: () => number): void
  /** Every endpoint as it was in the beginning. */
  reset(): void
  /** An access token of this issuer, RS256, valid for an hour by its clock. */
  token(parts?: TokenParts): string
  /** An ID token of alice for the login that an authorization request began. */
  idToken(asked: URLSearchParams, claims?: TokenParts['claims']): string
  /** The code for an authorization request; it carries the request, so that nothing has to be remembered. */
  code(asked: URLSearchParams): string
  /** Puts other keys into the key set. */
  publish(...keys: readonly { readonly key: KeyObject; readonly kid?: string; readonly extra?: JsonObject }[]): void
  close(): Promise<void>
}

export const rsaKey = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey

let shared: KeyObject | undefined

/** One key for all providers of a process that do not ask for their own: making them is slow. */
const sharedKey = (): KeyObject => (shared ??= rsaKey())

export async function startScriptedProvider({ key = sharedKey() }: { key?: KeyObject } = {}): Promise<ScriptedProvider> {
  const requests: ProviderRequestSeen[] = []
  const answers: string[] = []
  let clock: () => number = Date.now
  const scripts = new Map<string, (request: ProviderRequestSeen) => Scripted>()
  let keys: readonly JsonObject[] = []
  const server = createServer((message, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of message) chunks.push(chunk as Buffer)
      const url = new URL(message.url ?? '/', 'http://provider')
      const body = Buffer.concat(chunks).toString()
      const request = {
        method: message.method ?? '',
        target: message.url ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: message.headers,
        body,
        form: new URLSearchParams(body),
      }
      requests.push(request)
      const said = scripts.get(url.pathname)?.(request) ?? { status: 404 }
      if (said === 'hang') return
      const isReply = typeof said['status'] === 'number' && !('active' in said)
      const reply = said as { status: number; body?: string; headers?: Record<string, string> }
      const text = isReply ? (reply.body ?? '') : JSON.stringify(said)
      answers.push(text)
      if (isReply) response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers }).end(text)
      else response.writeHead(200, { 'content-type': 'application/json' }).end(text)
    })()
  })
  server.on('connect', (message, socket) => {
    const nothing = { query: new URLSearchParams(), body: '', form: new URLSearchParams() }
    requests.push({ method: 'CONNECT', target: message.url ?? '', path: message.url ?? '', headers: message.headers, ...nothing })
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const metadata = {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    introspection_endpoint: `${issuer}/introspect`,
    userinfo_endpoint: `${issuer}/userinfo`,
    revocation_endpoint: `${issuer}/revoke`,
    jwks_uri: `${issuer}/jwks`,
  }

  const provider: ScriptedProvider = {
    issuer,
    key,
    requests,
    answers,
    metadata,
    count: (path) => requests.filter((request) => request.path === path).length,
    script: (path, said) => void scripts.set(path, typeof said === 'function' ? said : () => said),
    token({ header, claims, key: signer = key } = {}) {
      const iat = Math.floor(clock() / 1000)
      const payload = { iss: issuer, sub: 'alice', scope: 'read', iat, exp: iat + 3600, jti: randomUUID(), ...claims }
      return signJwt({ alg: 'RS256', kid: 'k1', typ: 'at+jwt', ...header } as JsonObject & { alg: string }, payload as JsonObject, signer)
    },
    idToken(asked, claims) {
      const nonce = asked.get('nonce') ?? undefined
      return this.token({ header: { typ: 'JWT' }, claims: { aud: asked.get('client_id'), nonce, scope: undefined, ...claims } })
    },
    code: (asked) => Buffer.from(asked.toString()).toString('base64url'),
    publish(...published) {
      keys = published.map(({ key: one, kid, extra }) => ({
        ...(createPublicKey(one).export({ format: 'jwk' }) as JsonObject),
        ...(kid && { kid }),
        ...extra,
      }))
    },
    useClock: (now) => void (clock = now),
    reset() {
      this.publish({ key, kid: 'k1' })
      this.script('/.well-known/openid-configuration', metadata)
      this.script('/jwks', () => ({ keys }))
      this.script('/token', (request) => grant(provider, request))
      this.script('/introspect', { active: true, iss: issuer, sub: 'alice', scope: 'read', client_id: 'demo' })
      this.script('/userinfo', { sub: 'alice', email: 'alice@example.test', groups: ['admins'] })
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  provider.reset()
  return provider
}

/** The client `demo`/`demo-secret` and the user `alice`/`wonderland` get tokens, nobody else. */
function grant(provider: ScriptedProvider, { form, headers }: ProviderRequestSeen): Scripted {
  const basic = Buffer.from(headers.authorization?.replace(/^Basic /i, '') ?? '', 'base64').toString()
  const isClient = basic === 'demo:demo-secret' || (form.get('client_id') === 'demo' && form.get('client_secret') === 'demo-secret')
  const refuse = (status: number, error: string): Scripted => ({ status, body: JSON.stringify({ error }) })
  if (!isClient) return refuse(401, 'invalid_client')
  if (form.get('grant_type') === 'password' && !(form.get('username') === 'alice' && form.get('password') === 'wonderland'))
    return refuse(400, 'invalid_grant')
  if (form.get('grant_type') === 'refresh_token' && form.get('refresh_token') !== 'refresh-1') return refuse(400, 'invalid_grant')
  if (form.get('grant_type') === 'authorization_code') {
    const code = form.get('code')
    const asked = new URLSearchParams(Buffer.from(code ?? '', 'base64url').toString())
    if (code === null || !redeems(form, asked)) return refuse(400, 'invalid_grant')
    const tokens = { access_token: provider.token(), id_token: provider.idToken(asked), refresh_token: 'refresh-1' }
    return { ...tokens, token_type: 'Bearer', expires_in: 3600 }
  }
  return { access_token: provider.token(), token_type: 'Bearer', expires_in: 3600, scope: form.get('scope') ?? '' }
}

/** Whether a code may be redeemed with this form: RFC 6749 §4.1.3 and RFC 7636 §4.6, as a provider reads them. */
export function redeems(form: URLSearchParams, asked: URLSearchParams): boolean {
  if (form.get('grant_type') !== 'authorization_code' || form.get('redirect_uri') !== asked.get('redirect_uri')) return false
  const challenge = asked.get('code_challenge')
  const verifier = form.get('code_verifier')
  if (challenge === null) return verifier === null
  return verifier !== null && createHash('sha256').update(verifier).digest('base64url') === challenge
}
