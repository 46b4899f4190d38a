import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { keySetOfJwk } from '../../../../src/jwt/key-set.js'
import type { JsonObject, Jwk } from '../../../../src/jwt/types.js'
import { verifyJwt } from '../../../../src/jwt/verify.js'
import { alice, password, type FieldRow, type Seen } from './row.js'
import { tlsFile } from './secure-token-endpoint.js'

const recipes = JSON.parse(readFileSync(new URL('../../../../fixtures/tokens/rfc7520.json', import.meta.url), 'utf8')) as {
  readonly jwe: readonly [{ readonly key: JsonObject }]
}
/** The RSA key of RFC 7520 §5.1, without what it says of itself. */
const { kid: _kid, use: _use, ...rsa } = recipes.jwe[0].key
const ec = createPrivateKey(tlsFile('one.key')).export({ format: 'jwk' }) as unknown as JsonObject
const shared: JsonObject = { kty: 'oct', k: Buffer.from('a secret of thirty-two bytes and more').toString('base64url') }

const without = (jwk: JsonObject, member: string): JsonObject => Object.fromEntries(Object.entries(jwk).filter(([name]) => name !== member))
const signing = { ...password, client_auth: ['private_key_jwt'] }

const assertionOf = ({ calls }: Seen): string | undefined =>
  calls.findLast(({ path }) => path === '/token')?.form.get('client_assertion') ?? undefined

/** The algorithm of the assertion, when it was signed by that key; else why the gateway would not sign at all, as its log has it. */
const signedBy =
  (jwk: JsonObject) =>
  (seen: Seen): unknown => {
    const assertion = assertionOf(seen)
    if (assertion === undefined) return /client_jwk of demo (?:may not sign here: )?(.*?)\)/.exec(seen.logs.join('\n'))?.[1]
    const { valid, token } = verifyJwt(assertion, { keys: keySetOfJwk(jwk as unknown as Jwk), now: Date.now() })
    return valid ? token?.header['alg'] : 'a signature by another key'
  }

const named =
  (member: string) =>
  (seen: Seen): unknown =>
    (JSON.parse(Buffer.from(assertionOf(seen)?.split('.')[0] ?? '', 'base64url').toString()) as JsonObject)[member]

/** A member without which the key is none. */
const needed =
  (jwk: JsonObject, alg: string) =>
  (member: string): FieldRow => ({
    field: `client_jwk[].${member}`,
    base: { ...signing, client_jwk: [without(jwk, member)] },
    set: { client_jwk: [jwk] },
    ask: alice,
    observe: signedBy(jwk),
    default: 'is no private key',
    changed: alg,
  })

/** A member that forbids what the key could do. */
const forbidding = (member: string, value: unknown, why: string): FieldRow => ({
  field: `client_jwk[].${member}`,
  base: { ...signing, client_jwk: [rsa] },
  set: { client_jwk: [{ ...rsa, [member]: value }] },
  ask: alice,
  observe: signedBy(rsa),
  default: 'RS256',
  changed: why,
})

const furtherPrimes = (member: string): string => `it has more than two primes, which is not supported: ${member}`

/** A member that the assertion's header repeats. */
const repeated = (member: string): FieldRow => ({
  field: `client_jwk[].${member}`,
  base: { ...signing, client_jwk: [rsa] },
  set: { client_jwk: [{ ...rsa, [member]: 'this-one' }] },
  ask: alice,
  observe: named(member),
  default: undefined,
  changed: 'this-one',
})

/** Section 1.3: the members of `client_jwk` (RFC 7517, RFC 7518 §6), seen in the assertion that reaches the provider (RFC 7523 §3). */
export const CLIENT_KEY_ROWS: readonly FieldRow[] = [
  ...['kty', 'n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'].map(needed(rsa, 'RS256')),
  ...['crv', 'x', 'y'].map(needed(ec, 'ES256')),
  {
    field: 'client_jwk[].k',
    base: { auth_methods: ['password'], client_id: ['demo'], client_auth: ['client_secret_jwt'], client_jwk: [without(shared, 'k')] },
    set: { client_jwk: [shared] },
    ask: alice,
    observe: signedBy(shared),
    default: 'is no symmetric key',
    changed: 'HS256',
  },
  {
    field: 'client_jwk[].alg',
    base: { ...signing, client_jwk: [rsa] },
    set: { client_jwk: [{ ...rsa, alg: 'PS384' }] },
    ask: alice,
    observe: signedBy(rsa),
    default: 'RS256',
    changed: 'PS384',
  },
  ...['kid', 'x5t', 'x5t#S256'].map(repeated),
  forbidding('use', 'enc', 'its use is enc, not sig'),
  forbidding('key_ops', ['decrypt', 'unwrapKey'], 'its key_ops do not include sign'),
  forbidding('issuer', 'https://other.example', 'it is tied to another issuer: https://other.example'),
  // RFC 7518 §6.3.2.7: who supports two primes only must not use the key
  forbidding('oth', '[{"r":"AQ","d":"AQ","t":"AQ"}]', furtherPrimes('oth')),
  forbidding('r', 'AQ', furtherPrimes('r')),
  forbidding('t', 'AQ', furtherPrimes('t')),
]
