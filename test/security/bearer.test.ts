import { createHmac, createPublicKey, createSecretKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { signJwt } from '../../src/jwt/sign.js'
import type { JsonObject } from '../../src/jwt/types.js'
import { rsaKey, startScriptedProvider } from '../support/scripted-provider.js'
import { startProtected, type Answer, type Protected } from '../support/protected-gateway.js'
import { untilAll } from '../support/until-all.js'

/** gateway-security-cases.md section 1.4: form, keys and signatures. One gateway, a route for each policy. */
const until = untilAll()
let setup: Protected
beforeAll(async () => {
  setup = await startProtected({
    until,
    config: { auth_methods: ['bearer'] },
    routes: {
      '/groups': { auth_methods: ['bearer'], groups_required: ['admins'] },
      '/hs': {
        auth_methods: ['bearer'],
        enable_hs_signatures: true,
        client_id: ['demo'],
        client_secret: ['a-secret-of-thirty-two-characters'],
      },
    },
  })
})

const attacker = rsaKey()

const encode = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** 401 with a Bearer challenge, and nothing upstream. */
function expect401B(answer: Answer): void {
  expect(answer.upstream).toBeUndefined()
  expect(answer.status).toBe(401)
  expect(answer.challenge).toMatch(/^Bearer realm=/)
}

test('the control: a good token passes', async () => {
  expect((await setup.ask({ bearer: setup.provider.token() })).status).toBe(200)
})

describe('G-59 alg none or absent', () => {
  test.for([{ alg: 'none' }, { alg: 'None' }, { alg: 'nOnE' }, {}, { alg: null }, { alg: ['RS256'] }])(
    '%j with and without a signature',
    async (header) => {
      const [, payload, signature] = setup.provider.token().split('.')
      expect401B(await setup.ask({ bearer: `${encode(header)}.${payload}.` }))
      expect401B(await setup.ask({ bearer: `${encode(header)}.${payload}.${signature}` }))
    },
  )

  test('RS256 with an empty signature', async () => {
    const [header, payload] = setup.provider.token().split('.')
    expect401B(await setup.ask({ bearer: `${header}.${payload}.` }))
    expect401B(await setup.ask({ bearer: `${header}.${payload}` }))
  })
})

describe('G-60 the public key as HMAC secret', () => {
  const forge = (secret: string | Buffer, header: JsonObject = {}) => {
    const [, payload] = setup.provider.token().split('.')
    const input = `${encode({ alg: 'HS256', kid: 'k1', ...header })}.${payload}`
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
  }

  test('PEM, DER and JWK bytes, with leading blanks too, on routes with and without HS', async () => {
    const key = createPublicKey(setup.provider.key)
    const pem = key.export({ type: 'spki', format: 'pem' }) as string
    const secrets = [
      pem,
      pem.trim(),
      ` ${pem}`,
      key.export({ type: 'spki', format: 'der' }),
      JSON.stringify(key.export({ format: 'jwk' })),
      '',
    ]
    for (const secret of secrets) {
      for (const path of ['/anything', '/hs/anything']) expect401B(await setup.ask({ path, bearer: forge(secret) }))
    }
  })

  test('HS256 by the client secret passes only where it is enabled', async () => {
    const bearer = forge('a-secret-of-thirty-two-characters')
    expect((await setup.ask({ path: '/hs/anything', bearer })).status).toBe(200)
    expect401B(await setup.ask({ bearer }))
    expect401B(await setup.ask({ path: '/hs/anything', bearer: forge('another-secret-of-32-characters!') }))
  })
})

test('G-62 keys that the token names are never fetched or believed', async () => {
  const hits: string[] = []
  const canary = createServer((request, response) => {
    hits.push(request.url ?? '')
    response.end('{}')
  })
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void canary.close())
  const url = `http://127.0.0.1:${(canary.address() as AddressInfo).port}/keys`
  const jwk = createPublicKey(attacker).export({ format: 'jwk' }) as JsonObject
  for (const header of [{ jku: url }, { x5u: url }, { jwk }, { x5c: ['MIIB'] }]) {
    expect401B(await setup.ask({ bearer: setup.provider.token({ key: attacker, header }) }))
    expect401B(await setup.ask({ bearer: setup.provider.token({ key: attacker, header: { ...header, kid: 'theirs' } }) }))
  }
  expect(hits).toEqual([])
})

test.for([{ crit: ['x'], x: 1 }, { crit: [] }, { crit: ['b64'], b64: false }, { b64: false }])(
  'G-63 critical and payload-changing headers: %j',
  async (header) => {
    expect401B(await setup.ask({ bearer: setup.provider.token({ header }) }))
  },
)

describe('G-64 no kid', () => {
  test('one key: accepted; many: only fitting ones, a bounded number', async () => {
    const provider = await startScriptedProvider()
    const many = await startProtected({ provider, config: { auth_methods: ['bearer'] } })
    const bearer = () => provider.token({ header: { kid: undefined } as unknown as JsonObject })
    const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    provider.publish({ key: elliptic, kid: 'e1' }, { key: provider.key, kid: 'r1' })
    expect((await many.ask({ bearer: bearer() })).status).toBe(200)
    expect401B(await many.ask({ bearer: provider.token({ key: attacker, header: { kid: undefined } as unknown as JsonObject }) }))
  })
})

test.for(['../../etc/passwd', "' OR 1=1 --", '.*', '[', 'k'.repeat(8192), '', '__proto__', 'constructor', 7, null, ['k1']])(
  'G-65 kid %j is an opaque string',
  async (kid) => {
    expect401B(await setup.ask({ bearer: setup.provider.token({ header: { kid } as JsonObject }) }))
  },
)

test('G-74 other spellings of one token are refused, before and after it was seen', async () => {
  const token = setup.provider.token()
  const [header = '', payload = '', signature = ''] = token.split('.')
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet[alphabet.indexOf(signature.at(-1) ?? '') ^ 1] ?? 'A'
  const spellings = [
    `${header}.${payload}.${signature.slice(0, -1)}${last}`,
    `${header}.${payload}.${signature}=`,
    `${header}.${payload}.${signature}==`,
    `${header}==.${payload}.${signature}`,
    `${header}.${payload}.${signature.replaceAll('-', '+').replaceAll('_', '/')}+`,
  ]
  for (const round of [1, 2]) {
    for (const spelling of spellings) expect401B(await setup.ask({ bearer: spelling }))
    if (round === 1) expect((await setup.ask({ bearer: token })).status).toBe(200)
  }
})

test('G-75 the same token 100 times, and a hostile claim of 8 KB: equal answers, quickly', async () => {
  const bearer = setup.provider.token({ claims: { groups: ['admins'] } })
  const answers = await Promise.all(Array.from({ length: 100 }, () => setup.ask({ path: '/groups/anything', bearer })))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  const hostile = setup.provider.token({ claims: { groups: `${'a '.repeat(4000)}!` } })
  const answer = await setup.ask({ path: '/groups/anything', bearer: hostile })
  expect([401, 403]).toContain(answer.status)
  expect(answer.trace.durationMs).toBeLessThan(50)
})

test.for([
  { name: 'an array as payload', payload: '[]' },
  { name: 'duplicate members', payload: '{"iss":"a","iss":"b","exp":99999999999}' },
  { name: 'a byte order mark', payload: '\ufeff{}' },
  { name: 'depth 2,000', payload: `${'['.repeat(2000)}${']'.repeat(2000)}` },
  { name: 'trailing bytes', payload: '{}{}' },
  { name: 'no JSON', payload: 'null' },
])('G-76 $name', async ({ payload }) => {
  const [header = ''] = setup.provider.token().split('.')
  const answer = await setup.ask({ bearer: `${header}.${encode(payload)}.${randomBytes(256).toString('base64url')}` })
  expect401B(answer)
  expect(answer.trace.durationMs).toBeLessThan(50)
})

describe('G-78 weak and degenerate keys', () => {
  test('zero ECDSA signature, wrong curve', async () => {
    const provider = await startScriptedProvider()
    const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
    provider.publish({ key: p256, kid: 'p256' }, { key: p384, kid: 'p384' })
    const own = await startProtected({ provider, config: { auth_methods: ['bearer'] } })
    const good = provider.token({ key: p256, header: { alg: 'ES256', kid: 'p256' } })
    expect((await own.ask({ bearer: good })).status).toBe(200)
    const input = good.slice(0, good.lastIndexOf('.'))
    expect401B(await own.ask({ bearer: `${input}.${Buffer.alloc(64).toString('base64url')}` }))
    expect401B(await own.ask({ bearer: provider.token({ key: p256, header: { alg: 'ES256', kid: 'p384' } }) }))
  })

  test('an RSA key of 1024 bits in the set is ignored, the others work', async () => {
    const provider = await startScriptedProvider()
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
    provider.publish({ key: weak, kid: 'weak' }, { key: provider.key, kid: 'k1' })
    const own = await startProtected({ provider, config: { auth_methods: ['bearer'] } })
    expect401B(await own.ask({ bearer: provider.token({ key: weak, header: { kid: 'weak' } }) }))
    expect((await own.ask({ bearer: provider.token() })).status).toBe(200)
  })
})

// a symmetric key that a provider publishes must not verify anything
test('G-60 an oct key in the published set is ignored', async () => {
  const provider = await startScriptedProvider()
  const secret: KeyObject = createSecretKey(randomBytes(32))
  provider.script('/jwks', { keys: [{ kty: 'oct', kid: 'sym', k: secret.export().toString('base64url'), alg: 'HS256' }] })
  const own = await startProtected({ provider, config: { auth_methods: ['bearer'] } })
  const iat = Math.floor(Date.now() / 1000)
  expect401B(
    await own.ask({ bearer: signJwt({ alg: 'HS256', kid: 'sym' }, { iss: provider.issuer, sub: 'a', iat, exp: iat + 60 }, secret) }),
  )
})
