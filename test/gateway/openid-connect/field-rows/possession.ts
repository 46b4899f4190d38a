import { createHash, createPrivateKey, createPublicKey, randomUUID } from 'node:crypto'
import { signJwt } from '../../../../src/jwt/sign.js'
import { thumbprint } from '../../../../src/jwt/thumbprint.js'
import type { JsonObject, Jwk } from '../../../../src/jwt/types.js'
import type { Ask } from '../../../support/protected-gateway.js'
import { status, type Asked, type FieldRow } from './row.js'
import { tlsFile } from './secure-token-endpoint.js'

const base = { auth_methods: ['bearer'], proof_of_possession_dpop: 'strict' }
const key = createPrivateKey(tlsFile('two.key'))
const jwk = createPublicKey(key).export({ format: 'jwk' }) as Jwk

/** A token bound to our key, with a fresh proof of it. */
const proving =
  (claims: () => Readonly<Record<string, unknown>>): Asked =>
  (provider, answers, routeUrl): Ask => {
    const token = provider.token({ claims: { cnf: { jkt: thumbprint(jwk) } } })
    const ath = createHash('sha256').update(token).digest('base64url')
    const nonce = answers.at(-1)?.headers['dpop-nonce']
    const payload = {
      jti: randomUUID(),
      htm: 'GET',
      htu: `${routeUrl}/anything`,
      iat: secondsNow(),
      ath,
      ...(nonce && { nonce }),
      ...claims(),
    }
    const dpop = signJwt({ alg: 'ES256', typ: 'dpop+jwt', jwk: jwk as unknown as JsonObject }, payload as JsonObject, key)
    return { headers: { authorization: `DPoP ${token}`, dpop } }
  }

const secondsNow = (): number => Math.floor(Date.now() / 1000)

/** Section 1.17, RFC 9449. */
export const POSSESSION_ROWS: readonly FieldRow[] = [
  {
    field: 'dpop_proof_lifetime',
    base,
    set: { dpop_proof_lifetime: 60 },
    ask: proving(() => ({ iat: secondsNow() - 120 })),
    observe: status,
    default: 200,
    changed: 401,
  },
  {
    field: 'dpop_use_nonce',
    base,
    set: { dpop_use_nonce: true },
    // the second proof carries the nonce that the first answer gave, where it gave one
    ask: [proving(() => ({})), proving(() => ({}))],
    observe: ({ answers }) => answers.map(({ status: code, challenge }) => [code, /error="(\w+)"/.exec(challenge ?? '')?.[1]]),
    default: [
      [200, undefined],
      [200, undefined],
    ],
    changed: [
      [401, 'use_dpop_nonce'],
      [200, undefined],
    ],
  },
]
