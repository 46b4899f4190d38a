import { describe, expect, test } from 'vitest'
import { claims, header, idpForTest, post, tokensByCode } from './support.js'
import type { Idp } from '../../src/idp/idp.js'

const tokenOf = async (idp: Idp, form: Record<string, string> = {}): Promise<string> =>
  String(
    (await post(`${idp.issuer}/v1/token`, { grant_type: 'client_credentials', scope: 'api.read', ...form }, idp.applications.m2m)).body[
      'access_token'
    ],
  )

/** Other claims, everything else as it was. */
const altered = (token: string, changes: Record<string, unknown>): string => {
  const [head = '', , signature = ''] = token.split('.')
  return [head, Buffer.from(JSON.stringify({ ...claims(token), ...changes })).toString('base64url'), signature].join('.')
}

const introspect = (idp: Idp, token: string, client = idp.applications.introspector, headers = {}) =>
  post(`${idp.issuer}/v1/introspect`, { token }, client, headers)

const KINDS = [
  { kind: 'JWT', form: {} },
  { kind: 'opaque', form: { resource: 'api://opaque' } },
]

describe.for(KINDS)('$kind access tokens', ({ kind, form }) => {
  test('are what they are called', async () => {
    const idp = await idpForTest()
    expect((await tokenOf(idp, form)).split('.').length).toBe(kind === 'JWT' ? 3 : 1)
  })

  test('introspection says active with the facts, to the introspector and to the owner (RFC 7662 §2.2)', async () => {
    const idp = await idpForTest()
    const token = await tokenOf(idp, form)
    const facts = { active: true, client_id: 'm2m', scope: 'api.read', token_type: 'Bearer', iss: idp.issuer }
    expect((await introspect(idp, token)).body).toMatchObject(facts)
    expect((await introspect(idp, token, idp.applications.m2m)).body).toMatchObject(facts)
  })

  test('says nothing to another application', async () => {
    const idp = await idpForTest()
    expect((await introspect(idp, await tokenOf(idp, form), idp.applications.web)).body).toEqual({ active: false })
  })

  test('refuses a caller who cannot authenticate', async () => {
    const idp = await idpForTest()
    const answer = await introspect(idp, await tokenOf(idp, form), { ...idp.applications.introspector, client_secret: 'wrong' })
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })

  test('revoked by its owner it is inactive; nobody else may revoke it (RFC 7009 §2)', async () => {
    const idp = await idpForTest()
    const token = await tokenOf(idp, form)
    expect(await post(`${idp.issuer}/v1/revoke`, { token }, idp.applications.web)).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    })
    expect((await introspect(idp, token)).body).toMatchObject({ active: true })
    expect(await post(`${idp.issuer}/v1/revoke`, { token }, idp.applications.m2m)).toMatchObject({ status: 200 })
    expect((await introspect(idp, token)).body).toEqual({ active: false })
  })

  test('deactivating the application makes it inactive at once, activating restores it', async () => {
    const idp = await idpForTest()
    const token = await tokenOf(idp, form)
    idp.deactivate('m2m')
    expect((await introspect(idp, token)).body).toEqual({ active: false })
    expect(await introspect(idp, token, idp.applications.m2m)).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    expect(await post(`${idp.issuer}/v1/token`, { grant_type: 'client_credentials' }, idp.applications.m2m)).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    })
    idp.activate('m2m')
    expect((await introspect(idp, token)).body).toMatchObject({ active: true })
    expect(await post(`${idp.issuer}/v1/token`, { grant_type: 'client_credentials' }, idp.applications.m2m)).toMatchObject({ status: 200 })
  })

  test('survives a rotation of keys', async () => {
    const idp = await idpForTest()
    const token = await tokenOf(idp, form)
    await idp.rotateKeys()
    expect((await introspect(idp, token)).body).toMatchObject({ active: true })
  })

  test('the answer comes as a signed JWT when asked for (RFC 9701)', async () => {
    const idp = await idpForTest()
    const { headers, text } = await introspect(idp, await tokenOf(idp, form), idp.applications.introspector, {
      accept: 'application/token-introspection+jwt',
    })
    expect(headers.get('content-type')).toContain('application/token-introspection+jwt')
    expect(header(text)).toMatchObject({ typ: 'token-introspection+jwt' })
    expect(claims(text)).toMatchObject({ iss: idp.issuer, aud: 'introspector', token_introspection: { active: true, client_id: 'm2m' } })
  })
})

describe('JWTs that were not issued', () => {
  test.for([
    { name: 'altered', make: (_idp: Idp, token: string) => token.replace(/\.[^.]{4}/, '.AAAA') },
    {
      name: 'raised to more scope under the old signature',
      make: (_idp: Idp, token: string) => altered(token, { scope: 'api.read api.write' }),
    },
    {
      name: 'signed by us, never issued',
      make: (idp: Idp) => idp.sign({ iss: idp.issuer, jti: 'x', exp: 9_999_999_999, client_id: 'm2m' }),
    },
    { name: 'unsigned', make: () => 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJtMm0ifQ.' },
    { name: 'no token at all', make: () => 'nonsense' },
  ])('$name → inactive', async ({ make }) => {
    const idp = await idpForTest()
    expect((await introspect(idp, make(idp, await tokenOf(idp)))).body).toEqual({ active: false })
  })

  test('the jti of a JWT is no token', async () => {
    const idp = await idpForTest()
    const token = await tokenOf(idp)
    expect((await introspect(idp, String(claims(token)['jti']))).body).toEqual({ active: false })
  })

  test('an expired one → inactive', async () => {
    let ahead = 0
    const idp = await idpForTest({ now: () => new Date(Date.now() + ahead) })
    const token = await tokenOf(idp)
    ahead = 3_599_000 - 5_000
    expect((await introspect(idp, token)).body).toMatchObject({ active: true })
    ahead = 3_601_000
    expect((await introspect(idp, token)).body).toEqual({ active: false })
  })
})

describe('userinfo (OIDC Core §5.3)', () => {
  const userinfo = (idp: Idp, token: unknown) =>
    fetch(`${idp.issuer}/v1/userinfo`, { headers: { authorization: `Bearer ${String(token)}` } })

  test('answers a JWT access token of a person', async () => {
    const idp = await idpForTest()
    const { body } = await tokensByCode(idp, idp.applications.native)
    expect(await (await userinfo(idp, body['access_token'])).json()).toMatchObject({
      sub: 'alice',
      email: 'alice@example.test',
      groups: ['everyone', 'admins'],
    })
  })

  test('and an opaque one, whatever its audience', async () => {
    const idp = await idpForTest()
    const { body } = await tokensByCode(idp, idp.applications.native, { parameters: { resource: 'api://opaque' } })
    expect(String(body['access_token']).split('.')).toHaveLength(1)
    expect(await (await userinfo(idp, body['access_token'])).json()).toMatchObject({ sub: 'alice' })
    const { body: facts } = await post(
      `${idp.issuer}/v1/introspect`,
      { token: String(body['access_token']) },
      idp.applications.introspector,
    )
    expect(facts).toMatchObject({ active: true, sub: 'alice', aud: 'api://opaque', groups: ['everyone', 'admins'] })
  })

  test('refuses one whose claims were altered', async () => {
    const idp = await idpForTest()
    const { body } = await tokensByCode(idp, idp.applications.native, { username: 'bob' })
    expect((await userinfo(idp, altered(String(body['access_token']), { sub: 'alice' }))).status).toBe(401)
  })

  test('refuses it once the application is deactivated, once it is revoked, and one of an application', async () => {
    const idp = await idpForTest()
    const { body } = await tokensByCode(idp, idp.applications.native)
    idp.deactivate('native')
    expect((await userinfo(idp, body['access_token'])).status).toBe(401)
    idp.activate('native')
    await post(`${idp.issuer}/v1/revoke`, { token: String(body['access_token']) }, idp.applications.native)
    expect((await userinfo(idp, body['access_token'])).status).toBe(401)
    expect((await userinfo(idp, await tokenOf(idp))).status).toBe(401)
  })
})
