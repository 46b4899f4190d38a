import { describe, expect, test } from 'vitest'
import { attempt, type Attempt } from './attempt.js'
import { openIdp } from './workspace.js'

const native = {
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token', 'implicit'],
  redirect_uris: ['http://127.0.0.1/callback'],
  metadata: { response_types: ['code', 'code id_token', 'id_token token'] },
}
const legacy = async (options: Attempt) =>
  attempt({ idp: await openIdp({ applications: { native } }), args: ['--allow-legacy'], ...options })

const set = (name: string, value: string) => (form: URLSearchParams | undefined) => form?.set(name, value)
const dropped = (name: string) => (form: URLSearchParams | undefined) => form?.delete(name)
const nonce = (url: URL): void => url.searchParams.set('nonce', 'other')

/** The ID token with one claim of its own replaced, so that the signature no longer fits. */
const forged = (form: URLSearchParams | undefined): void => {
  const [header, payload, signature] = (form?.get('id_token') ?? '').split('.')
  const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as Record<string, unknown>
  form?.set('id_token', [header, Buffer.from(JSON.stringify({ ...claims, email: 'x' })).toString('base64url'), signature].join('.'))
}

describe.for([
  { flow: 'hybrid (OIDC Core §3.3)', profile: { response_type: 'code id_token' } },
  { flow: 'implicit (OIDC Core §3.2)', profile: { grant: 'implicit' } },
])('$flow', ({ profile }) => {
  test('signs in when it is allowed, and says that it is legacy', async () => {
    const { exitCode, stderr, person } = await legacy({ profile })
    expect(exitCode, stderr).toBe(0)
    expect(stderr).toContain('is a legacy flow (--allow-legacy)')
    expect(person.pages[0]).toMatchObject({ status: 200 })
  })

  test('is exit 2 when it is not', async () => {
    expect(await legacy({ profile, args: [] })).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('RFC 9700 §2.1.2') as string })
  })

  test.for<Attempt & { name: string; says: RegExp }>([
    { name: 'a wrong state', onForm: set('state', 'x'.repeat(43)), says: /state/ },
    { name: 'no state', onForm: dropped('state'), says: /state/ },
    { name: 'a nonce of somebody else’s login', onTheWay: nonce, says: /nonce/ },
    { name: 'a forged ID token', onForm: forged, says: /signature/ },
    { name: 'no ID token', onForm: dropped('id_token'), says: /id_token|ID token/i },
    { name: 'another issuer', onForm: set('iss', 'https://evil.example'), says: /iss/ },
  ])('$name is refused', async ({ says, ...options }) => {
    const { exitCode, stderr, person, stored } = await legacy({ profile, ...options })
    expect(exitCode, stderr).toBe(3)
    expect(stderr).toMatch(says)
    expect(person.pages[0]).toMatchObject({ status: 400 })
    expect(await stored()).toBeUndefined()
  })
})

test('hybrid: a code that c_hash does not fit is refused before it is used (OIDC Core §3.3.2.10)', async () => {
  const { exitCode, stderr, sent } = await legacy({ profile: { response_type: 'code id_token' }, onForm: set('code', 'another-code') })
  expect(exitCode).toBe(3)
  expect(stderr).toMatch(/c_hash/)
  expect(sent.filter(({ url }) => url.pathname.endsWith('/token'))).toEqual([])
})

test('implicit: an access token that at_hash does not fit is refused (OIDC Core §3.2.2.9)', async () => {
  const { exitCode, stderr } = await legacy({ profile: { grant: 'implicit' }, onForm: set('access_token', 'another-token') })
  expect(exitCode).toBe(3)
  expect(stderr).toContain('at_hash does not fit')
})
