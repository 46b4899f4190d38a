import { createHash, generateKeyPairSync, sign as signBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMemoryStore } from '../../src/client/store/memory-store.js'
import type { ObtainOptions } from '../../src/client/obtain-options.js'
import { obtainSession } from '../../src/client/session.js'
import { driveForm } from '../../src/client/form-driver.js'
import { startIdp, type Idp } from '../../src/idp/idp.js'
import type { ClientAuthMethod, GrantType, Profile } from '../../src/profile/profile.js'
import { createMemoryHost, type MemoryHost } from '../support/memory-host.js'

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const GRANTS = ['authorization_code', 'refresh_token', 'password', 'client_credentials', DEVICE, JWT_BEARER, TOKEN_EXCHANGE] as const
const REDIRECT = 'http://127.0.0.1/callback'

const clientKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ciKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwkOf = ({ publicKey }: typeof clientKey, kid: string) => ({ ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' })

const AUTH: Partial<Record<ClientAuthMethod, string>> = {
  client_secret_basic: 'client_secret_basic',
  client_secret_basic_raw: 'client_secret_basic',
  client_secret_post: 'client_secret_post',
  client_secret_jwt: 'client_secret_jwt',
  private_key_jwt: 'private_key_jwt',
  none: 'none',
}

let idp: Idp
const rows: string[] = []

beforeAll(async () => {
  const application = (token_endpoint_auth_method: string) => ({
    token_endpoint_auth_method,
    // Long enough for HS256, with characters that form-encoding changes.
    client_secret: 'a-secret_with.characters*that+change/when=encoded',
    grant_types:
      token_endpoint_auth_method === 'none' ? ['authorization_code', 'refresh_token', 'implicit', DEVICE] : [...GRANTS, 'implicit'],
    redirect_uris: [REDIRECT],
    metadata: {
      application_type: 'native',
      response_types: ['code', 'code id_token', 'id_token token'],
      jwks: { keys: [jwkOf(clientKey, 'client')] },
    },
  })
  idp = await startIdp({
    applications: Object.fromEntries([...new Set(Object.values(AUTH))].map((method) => [`app-${method}`, application(method)])),
    trustedIssuers: [{ issuer: 'https://ci.example', jwks: { keys: [jwkOf(ciKey, 'ci')] } }],
  })
})
afterAll(async () => {
  await idp.close()
  const width = Math.max(...rows.map((row) => row.indexOf('|')))
  process.stdout.write(`${rows.map((row) => row.replace('|', ' '.repeat(width - row.indexOf('|')))).join('\n')}\n`)
})

function assertion(change: Readonly<Record<string, unknown>> = {}): string {
  const iat = Math.floor(Date.now() / 1000)
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { iss: 'https://ci.example', sub: 'repo:demo', aud: idp.issuer, iat, exp: iat + 60, jti: String(Math.random()), ...change }
  const input = `${part({ alg: 'ES256', kid: 'ci' })}.${part(claims)}`
  return `${input}.${signBytes('sha256', Buffer.from(input), { key: ciKey.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

function profileOf(grant: GrantType, auth: ClientAuthMethod, more: Partial<Profile> = {}): Profile {
  const { client, ...rest } = more
  return {
    name: 'p',
    issuer: idp.issuer,
    grant,
    client: {
      id: `app-${AUTH[auth]}`,
      auth,
      ...(auth.startsWith('client_secret') && { secret: 'env:SECRET' }),
      ...((auth === 'private_key_jwt' || more.jar) && { key: 'env:KEY' }),
      ...client,
    },
    ...((grant === 'authorization_code' || grant === DEVICE || grant === 'password') && { scope: 'openid api.read' }),
    ...((grant === 'authorization_code' || grant === 'password') && {
      login: { driver: 'form', username: 'alice', password: 'env:PASSWORD', redirect_uri: REDIRECT },
    }),
    ...(grant === JWT_BEARER && { assertion: 'env:ASSERTION' }),
    ...(grant === TOKEN_EXCHANGE && { exchange: { subject_token: 'profile:subject' } }),
    ...rest,
  }
}

function hostFor(env: Readonly<Record<string, string>> = {}): MemoryHost {
  const key = { ...clientKey.privateKey.export({ format: 'jwk' }), kid: 'client', alg: 'ES256' }
  const secrets = {
    SECRET: 'a-secret_with.characters*that+change/when=encoded',
    KEY: JSON.stringify(key),
    PASSWORD: 'alice-password',
    ASSERTION: assertion(),
  }
  const host: MemoryHost = createMemoryHost({
    env: { ...secrets, ...env },
    openBrowser: async (url) => {
      // The device page ends without a redirect: that is where the driver stops.
      const login = { username: 'alice', password: 'alice-password' }
      await driveForm(new URL(url), new URL(REDIRECT), host, login).catch(() => undefined)
    },
  })
  return host
}

const options = (): ObtainOptions => ({
  tokens: createMemoryStore(),
  browser: 'test',
  pause: async () => undefined,
  profileOf: () => profileOf('client_credentials', 'client_secret_basic', { name: 'subject', scope: 'api.read' }),
})

const obtain = async (profile: Profile, env: Readonly<Record<string, string>> = {}) => obtainSession(profile, hostFor(env), options())
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
const short = (grant: string): string => grant.split(':').at(-1) ?? ''

const PLAIN = GRANTS.flatMap((grant) =>
  (Object.keys(AUTH) as ClientAuthMethod[])
    .filter((auth) => auth !== 'none' || grant === 'authorization_code' || grant === DEVICE || grant === 'refresh_token')
    .map((auth) => ({ grant, auth })),
)

describe('grant × client authentication', () => {
  test.for(PLAIN)('$grant with $auth', async ({ grant, auth }) => {
    if (grant === 'refresh_token') {
      const first = await obtain(profileOf('authorization_code', auth))
      const used = first.tokens.refresh_token as string
      const profile = profileOf('refresh_token', auth, { assertion: 'env:REFRESH' })
      const session = await obtain(profile, { REFRESH: used })
      expect(session.tokens.refresh_token).not.toBe(used)
      await expect(obtain(profile, { REFRESH: used })).rejects.toMatchObject({ code: 'ERR_GRANT_REFUSED', error: 'invalid_grant' })
    } else {
      const { tokens } = await obtain(profileOf(grant, auth))
      expect(claimsOf(tokens.access_token)).toMatchObject({ client_id: `app-${AUTH[auth]}` })
    }
    rows.push(`${short(grant)} × ${auth} |ok`)
  })

  test.for((Object.keys(AUTH) as ClientAuthMethod[]).filter((auth) => auth !== 'none'))(
    'a wrong credential with %s is refused',
    async (auth) => {
      const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
      const env = { SECRET: 'canary-wrong-secret-long-enough-for-hs256', KEY: JSON.stringify({ ...other, kid: 'client' }) }
      const failure = obtain(profileOf('client_credentials', auth), env)
      await expect(failure).rejects.toMatchObject({ code: 'ERR_CLIENT_REFUSED' })
      await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining('canary') as string })
    },
  )

  test.for([
    [JWT_BEARER, { ASSERTION: 'expired' }, 'invalid_grant'],
    ['password', { PASSWORD: 'wrong' }, 'invalid_grant'],
  ] as const)('%s with a bad credential of the grant is refused', async ([grant, env, error]) => {
    const change = 'ASSERTION' in env ? { ASSERTION: assertion({ exp: 1 }) } : env
    await expect(obtain(profileOf(grant, 'client_secret_basic'), change)).rejects.toMatchObject({ code: 'ERR_GRANT_REFUSED', error })
  })

  test('a token exchange with a dead subject token is refused', async () => {
    const profile = profileOf(TOKEN_EXCHANGE, 'client_secret_basic', { exchange: { subject_token: 'env:DEAD' } })
    await expect(obtain(profile, { DEAD: 'eyJ.dead.token' })).rejects.toMatchObject({ code: 'ERR_GRANT_REFUSED' })
  })
})

const EXTENSIONS: readonly { name: string; more: Partial<Profile>; nonce?: boolean }[] = [
  { name: 'PAR (RFC 9126)', more: { par: true } },
  { name: 'JAR (RFC 9101)', more: { jar: true } },
  { name: 'JARM', more: { jarm: true } },
  { name: 'PAR + JAR + JARM', more: { par: true, jar: true, jarm: true } },
  { name: 'DPoP (RFC 9449)', more: { dpop: true } },
  { name: 'DPoP + PAR', more: { dpop: true, par: true } },
  { name: 'DPoP with a required nonce', more: { dpop: true }, nonce: true },
  { name: 'resource (RFC 8707)', more: { resource: 'https://billing.example/api' } },
  { name: 'claims', more: { claims: '{"id_token":{"email":{"essential":true}}}' } },
  { name: 'max_age + login_hint + prompt', more: { max_age: 300, login_hint: 'alice', prompt: 'login' } },
  { name: 'extra parameter', more: { params: { audience: 'other-api' } } },
  { name: 'RAR (RFC 9396)', more: { authorization_details: '[{"type":"orders","actions":["read"]}]' } },
  { name: 'hybrid (legacy)', more: { response_type: 'code id_token' } },
]

describe('extension × client authentication, authorization code', () => {
  const table = EXTENSIONS.flatMap((row) => (['client_secret_basic', 'private_key_jwt', 'none'] as const).map((auth) => ({ ...row, auth })))
  test.for(table)('$name with $auth', async ({ name, more, nonce, auth }) => {
    idp.configure({ requireDpopNonce: nonce ?? false })
    const host = hostFor()
    const application = idp.applications[`app-${AUTH[auth]}`]
    expect(application).toBeDefined()
    const session = await obtainSession(profileOf('authorization_code', auth, more), host, { ...options(), allowLegacy: true }).finally(
      () => idp.configure({ requireDpopNonce: false }),
    )
    const claims = claimsOf(session.tokens.access_token)
    if (more.dpop) {
      const { kty, crv, x, y } = session.dpopKey as Record<string, string>
      const jkt = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
      expect(claims).toMatchObject({ cnf: { jkt } })
      expect(session.tokens.token_type).toBe('dpop')
    } else expect(claims['cnf']).toBeUndefined()
    if (more.resource) expect(claims['aud']).toBe(more.resource)
    if (more.params) expect(claims['aud']).toBe('other-api')
    if (more.claims) expect(claimsOf(session.tokens.id_token as string)).toMatchObject({ email: 'alice@example.test' })
    if (more.authorization_details) expect(session.tokens['authorization_details']).toEqual(JSON.parse(more.authorization_details))
    rows.push(`authorization_code × ${auth} × ${name} |ok`)
  })

  test('the implicit flow, when it is allowed', async () => {
    const profile = profileOf('implicit', 'none', {
      scope: 'openid api.read',
      login: profileOf('password', 'none').login as NonNullable<Profile['login']>,
    })
    const session = await obtainSession(profile, hostFor(), { ...options(), allowLegacy: true })
    expect(session.tokens).toMatchObject({ token_type: 'bearer', id_token: expect.any(String) as string, expires_in: 3600 })
    await expect(obtain(profile)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' })
    rows.push('implicit × none |ok')
  })

  test.for([
    ['JAR without a key', 'none', { jar: true, client: { id: 'app-none', key: undefined } }, 'ERR_USAGE'],
    ['hybrid unless allowed', 'none', { response_type: 'code id_token' }, 'ERR_UNSUPPORTED'],
    ['a response_type without a code', 'none', { response_type: 'token' }, 'ERR_UNSUPPORTED'],
    ['a resource the provider does not know', 'none', { resource: 'https://nobody.example' }, 'ERR_GRANT_REFUSED'],
    [
      'PAR with an unknown redirect URI',
      'none',
      { par: true, login: { driver: 'form', username: 'alice', password: 'env:PASSWORD', redirect_uri: 'http://127.0.0.1/other' } },
      'ERR_GRANT_REFUSED',
    ],
  ] as const)('%s is refused', async ([, auth, more, code]) => {
    await expect(obtain(profileOf('authorization_code', auth, more as unknown as Partial<Profile>))).rejects.toMatchObject({ code })
  })

  test('DPoP on the machine’s own grants too', async () => {
    const session = await obtain(profileOf('client_credentials', 'client_secret_post', { dpop: true }))
    expect(claimsOf(session.tokens.access_token)).toHaveProperty('cnf.jkt')
    rows.push('client_credentials × client_secret_post × DPoP |ok')
  })
})
