import { createHash, createPublicKey, generateKeyPairSync, randomUUID, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'undici'
import { describe, expect, test } from 'vitest'
import { signJwt } from '../../../src/jwt/sign.js'
import { thumbprint } from '../../../src/jwt/thumbprint.js'
import type { JsonObject, Jwk } from '../../../src/jwt/types.js'
import { startProtected, type Protected } from '../../support/protected-gateway.js'

const config = { auth_methods: ['bearer'], proof_of_possession_dpop: 'strict' }
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const jwk = createPublicKey(key).export({ format: 'jwk' }) as Jwk
const bound = { cnf: { jkt: thumbprint(jwk) } }

function proof(
  { gateway, clock }: Protected,
  token: string,
  claims: Readonly<Record<string, unknown>> = {},
  header: JsonObject = {},
): string {
  const ath = createHash('sha256').update(token).digest('base64url')
  const payload = { jti: randomUUID(), htm: 'GET', htu: `${gateway.url}/anything`, iat: Math.floor(clock.ms / 1000), ath, ...claims }
  return signJwt({ alg: 'ES256', typ: 'dpop+jwt', jwk: jwk as unknown as JsonObject, ...header }, payload as JsonObject, key)
}

const present = (token: string, dpop: string | undefined, scheme = 'DPoP') => ({
  headers: { authorization: `${scheme} ${token}`, ...(dpop !== undefined && { dpop }) },
})

describe('DPoP (RFC 9449, section 4.7)', () => {
  test('a bound token with its proof passes; upstream gets a bearer and no proof', async () => {
    const setup = await startProtected({ config })
    const token = setup.provider.token({ claims: bound })
    const answer = await setup.ask(present(token, proof(setup, token)))
    expect(answer.status).toBe(200)
    expect(answer.upstream?.headers['Authorization']).toBe(`Bearer ${token}`)
    expect(answer.upstream?.headers).not.toHaveProperty('Dpop')
  })

  test('what does not fit is refused with a DPoP challenge', async () => {
    const setup = await startProtected({ config })
    const token = setup.provider.token({ claims: bound })
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const otherJwk = createPublicKey(other).export({ format: 'jwk' }) as unknown as JsonObject
    const used = proof(setup, token)
    expect((await setup.ask(present(token, used))).status).toBe(200)
    const now = Math.floor(setup.clock.ms / 1000)
    const foreign = signJwt({ alg: 'ES256', typ: 'dpop+jwt', jwk: otherJwk }, decodePayload(proof(setup, token)), other)
    const attempts = [
      { name: 'no proof', ask: present(token, undefined) },
      { name: 'a proof used before', ask: present(token, used) },
      { name: 'another method', ask: present(token, proof(setup, token, { htm: 'POST' })) },
      { name: 'another URL', ask: present(token, proof(setup, token, { htu: `${setup.gateway.url}/other` })) },
      { name: 'of another token', ask: present(token, proof(setup, 'other')) },
      { name: 'too old', ask: present(token, proof(setup, token, { iat: now - 301 })) },
      { name: 'of the future', ask: present(token, proof(setup, token, { iat: now + 60 })) },
      { name: 'another typ', ask: present(token, proof(setup, token, {}, { typ: 'JWT' })) },
      { name: 'another key', ask: present(token, foreign) },
      { name: 'a bound token as Bearer', ask: present(token, proof(setup, token), 'Bearer') },
      { name: 'two proofs', ask: { headers: { authorization: `DPoP ${token}`, dpop: [proof(setup, token), proof(setup, token)] } } },
    ]
    for (const { name, ask } of attempts) {
      const answer = await setup.ask(ask)
      expect(answer, name).toMatchObject({ status: 401, upstream: undefined, trace: { reason: 'pop_failed' } })
      expect(answer.challenge, name).toMatch(/^DPoP realm="127.0.0.1", error="invalid_token", algs="ES256/)
    }
    const unbound = setup.provider.token()
    expect((await setup.ask(present(unbound, proof(setup, unbound)))).status).toBe(401)
  })

  test('optional: unbound bearer tokens pass, bound ones need their proof', async () => {
    const setup = await startProtected({ config: { ...config, proof_of_possession_dpop: 'optional' } })
    expect((await setup.ask({ bearer: setup.provider.token() })).status).toBe(200)
    expect((await setup.ask({ bearer: setup.provider.token({ claims: bound }) })).status).toBe(401)
  })

  test('dpop_proof_lifetime shortens', async () => {
    const setup = await startProtected({ config: { ...config, dpop_proof_lifetime: 30 } })
    const token = setup.provider.token({ claims: bound })
    const iat = Math.floor(setup.clock.ms / 1000)
    expect((await setup.ask(present(token, proof(setup, token, { iat: iat - 29 })))).status).toBe(200)
    expect((await setup.ask(present(token, proof(setup, token, { iat: iat - 31 })))).status).toBe(401)
  })

  test('dpop_use_nonce: a demand with a nonce, good for its lifetime and only when ours', async () => {
    const setup = await startProtected({ config: { ...config, dpop_use_nonce: true, dpop_proof_lifetime: 60 } })
    const token = setup.provider.token({ claims: bound })
    const demand = await setup.ask(present(token, proof(setup, token)))
    expect(demand.status).toBe(401)
    expect(demand.challenge).toMatch(/^DPoP realm="127.0.0.1", error="use_dpop_nonce"/)
    const nonce = String(demand.headers['dpop-nonce'])
    expect((await setup.ask(present(token, proof(setup, token, { nonce })))).status).toBe(200)
    // the second stands for the same bytes: its last character differs in bits that say nothing
    const last = String.fromCharCode(nonce.charCodeAt(nonce.length - 1) + 1)
    const others = [nonce.replace(/\.(.)/, (_, first: string) => `.${first === 'A' ? 'B' : 'A'}`), nonce.slice(0, -1) + last]
    for (const other of others) expect((await setup.ask(present(token, proof(setup, token, { nonce: other })))).status).toBe(401)
    setup.clock.pass(61)
    expect((await setup.ask(present(token, proof(setup, token, { nonce })))).status).toBe(401)
  })
})

describe('certificate-bound tokens (RFC 8705 §3)', () => {
  const pem = (name: string) => readFileSync(new URL(`../../../fixtures/gateway/tls/${name}`, import.meta.url), 'utf8')
  const hash = createHash('sha256')
    .update(new X509Certificate(pem('two.crt')).raw)
    .digest('base64url')

  test('the certificate of the connection must be the one of the token', async () => {
    const setup = await startProtected({
      config: { auth_methods: ['bearer'], proof_of_possession_mtls: 'strict' },
      keyPair: { cert: pem('one.crt'), key: pem('one.key') },
    })
    const ask = async (name: string | undefined, claims: Readonly<Record<string, unknown>>) => {
      const identity = name === undefined ? {} : { cert: pem(`${name}.crt`), key: pem(`${name}.key`) }
      const dispatcher = new Agent({ connect: { ca: pem('one.crt'), ...identity } })
      const authorization = `Bearer ${setup.provider.token({ claims })}`
      const { statusCode, body } = await request(`${setup.gateway.secureUrl}/anything`, { headers: { authorization }, dispatcher })
      await body.dump()
      await dispatcher.close()
      return statusCode
    }
    const claims = { cnf: { 'x5t#S256': hash } }
    expect(await ask('two', claims)).toBe(200)
    expect(await ask('one', claims)).toBe(401)
    expect(await ask(undefined, claims)).toBe(401)
    expect(await ask('two', {})).toBe(401)
  })

  test('without TLS a bound token is refused, an unbound one only under strict', async () => {
    const setup = await startProtected({
      config: { auth_methods: ['bearer'], proof_of_possession_mtls: 'optional' },
      routes: { '/strict': { auth_methods: ['bearer'], proof_of_possession_mtls: 'strict' } },
    })
    const ask = async (path: string, claims: Readonly<Record<string, unknown>>) =>
      (await setup.ask({ path, bearer: setup.provider.token({ claims }) })).status
    expect(await ask('/anything', {})).toBe(200)
    expect(await ask('/anything', { cnf: { 'x5t#S256': hash } })).toBe(401)
    expect(await ask('/strict/anything', {})).toBe(401)
  })
})

const decodePayload = (jwt: string): JsonObject => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as JsonObject
