import { describe, expect, test } from 'vitest'
import { DEVICE_CODE, JWT_BEARER, TOKEN_EXCHANGE } from '../../src/idp/applications.js'
import { assertionClaims, createClientKey, seconds, signEs256, signHs256 } from './keys.js'
import { idpForTest, metadataOf, post } from './support.js'

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

test('discovery names all grants and methods that are supported', async () => {
  const idp = await idpForTest()
  expect(await metadataOf(idp)).toMatchObject({
    grant_types_supported: expect.arrayContaining([
      'authorization_code',
      'client_credentials',
      'refresh_token',
      'password',
      DEVICE_CODE,
      JWT_BEARER,
      TOKEN_EXCHANGE,
    ]),
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'none'],
    authorization_response_iss_parameter_supported: true,
    request_parameter_supported: true,
    authorization_details_types_supported: ['orders', 'payment_initiation'],
  })
})

describe('private_key_jwt (RFC 7523 §2.2)', () => {
  const key = createClientKey()
  const setUp = async () => {
    const idp = await idpForTest({
      applications: {
        signer: {
          grant_types: ['client_credentials'],
          token_endpoint_auth_method: 'private_key_jwt',
          metadata: { jwks: { keys: [key.jwk] } },
        },
      },
    })
    const ask = (client_assertion: string) =>
      post(`${idp.issuer}/v1/token`, { grant_type: 'client_credentials', client_assertion_type: ASSERTION_TYPE, client_assertion })
    return { idp, ask }
  }

  test('has no secret, and an assertion by its key does', async () => {
    const { idp, ask } = await setUp()
    expect(idp.applications['signer']).not.toHaveProperty('client_secret')
    expect((await ask(signEs256(assertionClaims('signer', idp.issuer), key))).status).toBe(200)
    expect((await ask(signEs256(assertionClaims('signer', `${idp.issuer}/v1/token`), key))).status).toBe(200)
  })

  test.for([
    { name: 'another key', make: (aud: string) => signEs256(assertionClaims('signer', aud), createClientKey()) },
    { name: 'another audience', make: () => signEs256(assertionClaims('signer', 'https://other.example'), key) },
    { name: 'expired', make: (aud: string) => signEs256(assertionClaims('signer', aud, { exp: seconds(-10) }), key) },
    { name: 'no jti', make: (aud: string) => signEs256(assertionClaims('signer', aud, { jti: undefined }), key) },
    { name: 'another issuer', make: (aud: string) => signEs256(assertionClaims('signer', aud, { iss: 'm2m' }), key) },
  ])('$name → invalid_client', async ({ make }) => {
    const { idp, ask } = await setUp()
    expect(await ask(make(idp.issuer))).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })

  test('the same assertion twice → invalid_client', async () => {
    const { idp, ask } = await setUp()
    const assertion = signEs256(assertionClaims('signer', idp.issuer), key)
    expect((await ask(assertion)).status).toBe(200)
    expect(await ask(assertion)).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })
})

describe('client_secret_jwt', () => {
  const secret = 'a-secret-of-at-least-thirty-two-bytes'
  const setUp = () =>
    idpForTest({
      applications: {
        hmac: { grant_types: ['client_credentials'], token_endpoint_auth_method: 'client_secret_jwt', client_secret: secret },
      },
    })

  test('by the secret, and not by another', async () => {
    const idp = await setUp()
    const ask = (with_: string) =>
      post(`${idp.issuer}/v1/token`, {
        grant_type: 'client_credentials',
        client_assertion_type: ASSERTION_TYPE,
        client_assertion: signHs256(assertionClaims('hmac', idp.issuer), with_),
      })
    expect((await ask(secret)).status).toBe(200)
    expect(await ask(`${secret}x`)).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })

  test('the secret itself is not accepted', async () => {
    const idp = await setUp()
    expect(
      await post(`${idp.issuer}/v1/token`, { grant_type: 'client_credentials' }, { client_id: 'hmac', client_secret: secret }),
    ).toMatchObject({ status: 401 })
  })
})

describe('client_secret_post and none', () => {
  test('the secret in the body, and not a wrong one', async () => {
    const idp = await idpForTest()
    const { client_id, client_secret = '' } = idp.applications.m2m
    const ask = (secret: string) => post(`${idp.issuer}/v1/token`, { grant_type: 'client_credentials', client_id, client_secret: secret })
    expect((await ask(client_secret)).status).toBe(200)
    expect((await ask('wrong')).status).toBe(401)
  })

  test('a confidential client without its secret → refused', async () => {
    const idp = await idpForTest()
    expect(await post(`${idp.issuer}/v1/token`, { grant_type: 'client_credentials', client_id: 'm2m' })).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    })
  })
})
