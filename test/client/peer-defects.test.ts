import { readdir, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isGood } from '../../src/client/obtain-options.js'
import { obtainSession } from '../../src/client/session.js'
import { createFileStore } from '../../src/client/store/file-store.js'
import { createMemoryStore } from '../../src/client/store/memory-store.js'
import { PLAIN_SEAL } from '../../src/client/store/seal.js'
import { storeKey } from '../../src/client/store/store.js'
import type { Profile } from '../../src/profile/profile.js'
import { createMemoryHost } from '../support/memory-host.js'
import { openIdp } from './workspace.js'

interface Seen {
  readonly headers: IncomingHttpHeaders
  readonly form: URLSearchParams
}

/** A provider of two answers, which remembers what it was asked. */
async function provider({ path = '', issuerSuffix = '', answer = {} }: { path?: string; issuerSuffix?: string; answer?: object } = {}) {
  const seen: Seen[] = []
  let origin = ''
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const metadata = {
        issuer: `${origin}${path}${issuerSuffix}`,
        token_endpoint: `${origin}/token`,
        authorization_endpoint: `${origin}/a`,
      }
      if (request.url === '/token') seen.push({ headers: request.headers, form: new URLSearchParams(body) })
      const tokens = { access_token: 'at', token_type: 'Bearer', expires_in: 3600, refresh_token: 'rt', ...answer }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(request.url === '/token' ? tokens : metadata))
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { seen, origin }
}

const profileOf = (issuer: string, more: Partial<Profile> = {}): Profile => ({
  name: 'p',
  issuer,
  grant: 'client_credentials',
  client: { id: 'my-client:1', secret: 'env:SECRET', auth: 'client_secret_basic' },
  ...more,
})
const hostAt = (offsetSeconds = 0) =>
  createMemoryHost({ env: { SECRET: 's e+c/r=e%t' }, now: () => new Date(Date.now() + offsetSeconds * 1000) })

describe('defects seen in other clients, and not here (issue 5)', () => {
  test('Basic not form-encoded: id and secret are encoded before base64 (RFC 6749 §2.3.1)', async () => {
    const { seen, origin } = await provider()
    await obtainSession(profileOf(origin), hostAt(), { tokens: createMemoryStore() })
    const raw = { ...profileOf(origin), client: { ...profileOf(origin).client, auth: 'client_secret_basic_raw' as const } }
    await obtainSession(raw, hostAt(), { tokens: createMemoryStore() })
    const sent = seen.map(({ headers }) => Buffer.from(headers.authorization?.slice(6) ?? '', 'base64').toString())
    expect(sent).toEqual(['my%2Dclient%3A1:s+e%2Bc%2Fr%3De%25t', 'my-client:1:s e+c/r=e%t'])
  })

  test('a Basic refusal hints at the other reading when it may be why', async () => {
    const { origin } = await provider()
    const refusing = createServer((request, response) => {
      if (request.url === '/token') response.writeHead(403).end()
      else
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ issuer: own(), token_endpoint: `${own()}/token` }))
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => refusing.once('listening', resolve))
    onTestFinished(() => void refusing.close())
    const own = (): string => `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`
    expect(origin).not.toBe(own())
    const failure = obtainSession(profileOf(own()), hostAt(), { tokens: createMemoryStore() })
    await expect(failure).rejects.toMatchObject({
      code: 'ERR_CLIENT_REFUSED',
      hint: expect.stringContaining('client_secret_basic_raw') as string,
    })
    const plain = profileOf(own(), { client: { id: 'x', secret: 'env:PLAIN', auth: 'client_secret_basic' } })
    const host = createMemoryHost({ env: { PLAIN: 'abc' } })
    await expect(obtainSession(plain, host, { tokens: createMemoryStore() })).rejects.toMatchObject({
      hint: expect.not.stringContaining('raw') as string,
    })
  })

  test('refresh without client authentication: the refresh carries it too', async () => {
    const { seen, origin } = await provider()
    const tokens = createMemoryStore()
    await obtainSession(profileOf(origin), hostAt(), { tokens })
    await obtainSession(profileOf(origin), hostAt(3600), { tokens })
    expect(seen.map(({ form }) => form.get('grant_type'))).toEqual(['client_credentials', 'refresh_token'])
    expect(seen[1]?.headers.authorization).toBe(seen[0]?.headers.authorization)
  })

  test('empty scope=: a scope that is not asked for is not sent', async () => {
    const { seen, origin } = await provider()
    await obtainSession(profileOf(origin), hostAt(), { tokens: createMemoryStore() })
    await obtainSession(profileOf(origin, { scope: '' }), hostAt(), { tokens: createMemoryStore() })
    expect(seen.map(({ form }) => form.has('scope'))).toEqual([false, false])
  })

  test('expires_in as a string is a number of seconds', async () => {
    const { origin } = await provider({ answer: { expires_in: '120' } })
    const tokens = createMemoryStore()
    const first = await obtainSession(profileOf(origin), hostAt(), { tokens })
    expect(first.tokens.expires_in).toBe(120)
    expect((await obtainSession(profileOf(origin), hostAt(60), { tokens })).origin).toBe('store')
    expect((await obtainSession(profileOf(origin), hostAt(119), { tokens })).origin).toBe('refresh')
  })

  test('missing expiry reported as expired: a token that never said when it ends is good', () => {
    expect(isGood({ access_token: 'a', token_type: 'bearer', obtained_at: 0 }, hostAt())).toBe(true)
    expect(isGood({ access_token: 'a', token_type: 'bearer', obtained_at: 0, expires_in: 1 }, hostAt())).toBe(false)
  })

  test('trailing slash trimmed from an issuer: with and without it are two issuers', async () => {
    const { origin } = await provider({ path: '/tenant', issuerSuffix: '/' })
    await expect(obtainSession(profileOf(`${origin}/tenant/`), hostAt(), { tokens: createMemoryStore() })).resolves.toBeDefined()
    const without = obtainSession(profileOf(`${origin}/tenant`), hostAt(), { tokens: createMemoryStore() })
    await expect(without).rejects.toMatchObject({
      code: 'ERR_PROVIDER_METADATA',
      message: expect.stringContaining(`got ${origin}/tenant/`) as string,
    })
  })

  test('hidden leeway: an ID token that expired a second ago is refused, unless a tolerance was asked for', async () => {
    const idp = await openIdp()
    const host = (offsetSeconds: number) =>
      createMemoryHost({
        env: { SECRET: idp.applications.web.client_secret, PW: 'alice-password' },
        now: () => new Date(Date.now() + offsetSeconds * 1000),
      })
    const profile = profileOf(idp.issuer, {
      grant: 'password',
      scope: 'openid',
      client: { id: 'web', secret: 'env:SECRET' },
      login: { username: 'alice', password: 'env:PW' },
    })
    await expect(obtainSession(profile, host(3602), { tokens: createMemoryStore() })).rejects.toMatchObject({ code: 'ERR_LOGIN_RESPONSE' })
    await expect(obtainSession(profile, host(3602), { tokens: createMemoryStore(), clockToleranceSeconds: 30 })).resolves.toBeDefined()
    await expect(obtainSession(profile, host(3500), { tokens: createMemoryStore() })).resolves.toBeDefined()
  })

  test('lock on the data file itself: the data can be replaced while the lock is held, and is never empty', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'oidcgw-'))
    const store = createFileStore({ folder, seal: PLAIN_SEAL })
    const key = 'a'.repeat(64)
    const entry = { profile: 'p', facts: {}, tokens: { access_token: 'x', token_type: 'bearer', obtained_at: 1 } }
    await store.withLock(key, async () => {
      await store.save(key, entry)
      expect(await store.load(key)).toEqual(entry)
      expect((await readdir(join(folder, 'tokens'))).toSorted()).toEqual([`${key}.json`, `${key}.lock`])
    })
    expect(await readdir(join(folder, 'tokens'))).toEqual([`${key}.json`])
    await writeFile(join(folder, 'tokens', `${key}.json`), '')
    expect(await store.load(key)).toBeUndefined()
  })

  const base = profileOf('https://i.example', {
    scope: 'a b',
    audience: 'x',
    resource: ['r1', 'r2'],
    params: { p: '1' },
    login: { username: 'alice' },
  })
  test.for<[string, Profile]>([
    ['issuer', { ...base, issuer: 'https://i.example/' }],
    ['client', { ...base, client: { ...base.client, id: 'other' } }],
    ['user', { ...base, login: { username: 'bob' } }],
    ['grant', { ...base, grant: 'password' }],
    ['scope', { ...base, scope: 'a' }],
    ['audience', { ...base, audience: 'y' }],
    ['resource', { ...base, resource: ['r1'] }],
    ['parameter', { ...base, params: { p: '2' } }],
    ['acr_values', { ...base, acr_values: 'mfa' }],
    ['proof key', { ...base, dpop: true }],
    ['client certificate', { ...base, client: { ...base.client, cert: 'c.pem' } }],
  ])('cache key too narrow: another %s is another entry', ([, other]) => {
    expect(storeKey(other)).not.toBe(storeKey(base))
  })

  test('what changes nothing is the same entry: name, order of scopes, where the secret lies, how it is presented', () => {
    const same = { ...base, name: 'q', scope: 'b a', client: { ...base.client, secret: 'file:s' }, present: 'basic' as const }
    expect(storeKey(same)).toBe(storeKey(base))
  })

  test('a circle of token references is refused instead of waiting for ever', async () => {
    const { origin } = await provider()
    const a = profileOf(origin, {
      name: 'a',
      grant: 'urn:ietf:params:oauth:grant-type:token-exchange',
      exchange: { subject_token: 'profile:b' },
    })
    const b = { ...a, name: 'b', exchange: { subject_token: 'profile:a' } }
    const options = { tokens: createMemoryStore(), profileOf: (name: string) => (name === 'a' ? a : b) }
    await expect(obtainSession(a, hostAt(), options)).rejects.toMatchObject({
      code: 'ERR_CONFIG_INVALID',
      message: expect.stringContaining('a → b → a') as string,
    })
  })
})
