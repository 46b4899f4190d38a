import { algorithmNamed } from '../algorithms.js'
import { showValue } from '../printable.js'
import { certificate, critical, isKey, keyUrl } from './header-values.js'
import { error, info, isAccessToken, warn, type LintContext, type LintRule } from './rule.js'

const WEAK: readonly string[] = ['RS1', 'HS1', 'RSA1_5']
const ENCRYPTION =
  /^(RSA-OAEP(-256|-384|-512)?|RSA1_5|A(128|192|256)(KW|GCMKW)|dir|ECDH-ES(\+A(128|192|256)KW)?|PBES2-HS(256\+A128|384\+A192|512\+A256)KW)$/
const PRIVATE: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']
const BUILT_IN: readonly string[] = ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty']

const isJwe = ({ reading }: LintContext): boolean => reading.form === 'jwe' || reading.form === 'jwe-json'
const typOf = ({ header }: LintContext): string | undefined =>
  typeof header['typ'] === 'string' ? header['typ'].toLowerCase().replace(/^application\//, '') : undefined
const present = ({ reading }: LintContext): boolean => reading.header !== undefined

/** The JOSE header (L-20 … L-45). */
export const HEADER: readonly LintRule[] = [
  {
    id: 'L-20',
    key: 'alg.none',
    spec: 'RFC 7518 §3.6',
    check: ({ header: { alg } }) =>
      typeof alg === 'string' && alg.toLowerCase() === 'none' ? error('alg none: anybody can write such a token') : undefined,
  },
  {
    id: 'L-21',
    key: 'alg.missing',
    spec: 'RFC 7515 §4.1.1',
    check: (context) => (present(context) && typeof context.header['alg'] !== 'string' ? error('alg is missing, or no string') : undefined),
  },
  {
    id: 'L-22',
    key: 'alg.symmetric',
    spec: 'RFC 8725 §3.5',
    check: ({ header: { alg } }) =>
      algorithmNamed(alg)?.family === 'HS'
        ? warn(`${showValue(alg)}: whoever can verify can also mint; wrong where gateways hold public keys`)
        : undefined,
  },
  {
    id: 'L-23',
    key: 'alg.weak',
    spec: 'RFC 8725 §3.2',
    check: ({ header: { alg } }) =>
      typeof alg === 'string' && WEAK.includes(alg) ? error(`${alg} is broken, or on its way out`) : undefined,
  },
  {
    id: 'L-24',
    key: 'alg.unregistered',
    spec: 'RFC 7518 §3.1',
    check: ({ header: { alg } }) => {
      if (
        typeof alg !== 'string' ||
        algorithmNamed(alg) ||
        ENCRYPTION.test(alg) ||
        WEAK.includes(alg) ||
        alg === 'ES256K' ||
        alg.toLowerCase() === 'none'
      )
        return undefined
      return warn(`alg ${showValue(alg)} is no registered name`)
    },
  },
  {
    id: 'L-25',
    key: 'alg.polymorphic',
    spec: 'RFC 9864',
    check: ({ header: { alg } }) => (alg === 'EdDSA' ? info('EdDSA names no curve; prefer Ed25519 or Ed448') : undefined),
  },
  {
    id: 'L-26',
    key: 'alg.pkcs1',
    spec: 'RFC 7518 §3.3',
    check: ({ header: { alg } }) =>
      algorithmNamed(alg)?.family === 'RS' ? info(`${showValue(alg)} is fine for OIDC; FAPI asks for PS256 or ES256`) : undefined,
  },
  {
    id: 'L-27',
    key: 'kid.missing',
    spec: 'RFC 7515 §4.1.4',
    check: (context) =>
      present(context) && context.header['kid'] === undefined && context.kind.kind !== 'DPoP proof'
        ? warn('No kid: breaks as soon as there are two keys')
        : undefined,
  },
  {
    id: 'L-28',
    key: 'kid.suspicious',
    spec: 'RFC 8725 §3.10',
    check: ({ header: { kid } }) => {
      if (kid === undefined) return undefined
      if (typeof kid !== 'string') return warn('kid is no string')
      const odd = kid.length > 256 || BUILT_IN.includes(kid) || /\.\.[/\\]|^[/\\]|^[a-z]+:\/\/|['"`;|$<>\\]|\s--/i.test(kid)
      return odd ? warn(`kid ${showValue(kid)} looks like an injection, or invites one`) : undefined
    },
  },
  {
    id: 'L-29',
    key: 'kid.unknown',
    spec: 'RFC 7517 §4.5',
    check: ({ header: { kid }, jwks }) =>
      jwks && kid !== undefined && !jwks.keys.some((key) => key.kid === kid)
        ? error(`kid ${showValue(kid)} is not in the key set: rotated, another realm, another environment`)
        : undefined,
  },
  {
    id: 'L-30',
    key: 'jwk.present',
    spec: 'RFC 7515 §4.1.3',
    check: (context) =>
      context.header['jwk'] !== undefined && typOf(context) !== 'dpop+jwt'
        ? warn('The token brings its own key (jwk); verifiers must ignore it')
        : undefined,
  },
  {
    id: 'L-31',
    key: 'jwk.private',
    spec: 'RFC 7515 §4.1.3',
    check: ({ header: { jwk } }) => {
      const exposed = typeof jwk === 'object' && jwk !== null ? PRIVATE.filter((name) => Object.hasOwn(jwk, name)) : []
      return exposed.length > 0 ? error(`The jwk in the header discloses its private part (${exposed.join(', ')})`) : undefined
    },
  },
  {
    id: 'L-32',
    key: 'jku.present',
    spec: 'RFC 8725 §3.10',
    check: ({ header, claims }) =>
      ['jku', 'x5u'].flatMap((name) => (header[name] === undefined ? [] : [keyUrl(name, header[name], claims['iss'])])),
  },
  {
    id: 'L-33',
    key: 'x5c.present',
    spec: 'RFC 7515 §4.1.6',
    check: ({ header: { x5c }, nowSeconds }) => (x5c === undefined ? undefined : certificate(x5c, nowSeconds)),
  },
  {
    id: 'L-34',
    key: 'x5t.sha1',
    spec: 'RFC 7515 §4.1.7',
    check: ({ header }) =>
      header['x5t'] !== undefined && header['x5t#S256'] === undefined ? info('x5t is a SHA-1 thumbprint; x5t#S256 is missing') : undefined,
  },
  {
    id: 'L-35',
    key: 'crit.present',
    spec: 'RFC 7515 §4.1.11',
    check: ({ header }) => (Object.hasOwn(header, 'crit') ? critical(header) : undefined),
  },
  {
    id: 'L-36',
    key: 'b64.unencoded',
    spec: 'RFC 7797 §7',
    check: ({ header: { b64 } }) => (b64 === false ? error('b64 is false: not allowed in a JWT') : undefined),
  },
  {
    id: 'L-37',
    key: 'zip.present',
    spec: 'RFC 7516 §4.1.3',
    check: (context) => {
      if (context.header['zip'] === undefined) return undefined
      return isJwe(context) ? warn('zip: compression leaks length, and can explode') : error('zip belongs to encrypted tokens only')
    },
  },
  {
    id: 'L-38',
    key: 'typ.missing',
    spec: 'RFC 8725 §3.11',
    check: (context) =>
      present(context) && context.header['typ'] === undefined
        ? info('No typ: nothing keeps it from being taken for another kind of token')
        : undefined,
  },
  {
    id: 'L-39',
    key: 'typ.generic',
    spec: 'RFC 9068 §2.1',
    check: (context) =>
      typOf(context) === 'jwt' && isAccessToken(context)
        ? info('typ JWT on an access token: RFC 9068 issuers write at+jwt, strict routes want it')
        : undefined,
  },
  {
    id: 'L-40',
    key: 'typ.conflict',
    spec: 'RFC 8725 §3.11',
    check: (context) => {
      const mark = ['nonce', 'at_hash', 'c_hash'].find((name) => context.claims[name] !== undefined)
      return typOf(context) === 'at+jwt' && mark !== undefined ? warn(`typ at+jwt, but the claim ${mark} of an ID token`) : undefined
    },
  },
  {
    id: 'L-41',
    key: 'cty.nested',
    spec: 'RFC 7519 §5.2',
    check: ({ header: { cty } }) =>
      typeof cty === 'string' && /^(application\/)?jwt$/i.test(cty) ? info('cty JWT: a token inside; verify each level') : undefined,
  },
  {
    id: 'L-42',
    key: 'header.replicated',
    spec: 'RFC 7519 §5.3',
    check: ({ header, claims, reading }) =>
      ['iss', 'sub', 'aud'].flatMap((name) =>
        reading.payload && header[name] !== undefined && JSON.stringify(header[name]) !== JSON.stringify(claims[name])
          ? [error(`${name} in the header differs from the claim`)]
          : [],
      ),
  },
  {
    id: 'L-43',
    key: 'jwe.p2c',
    spec: 'RFC 7518 §4.8.1.2',
    check: ({ header: { p2c } }) => {
      if (typeof p2c !== 'number') return undefined
      if (p2c > 1_200_000) return error(`p2c ${p2c}: a denial of service`)
      return p2c < 1000 ? warn(`p2c ${p2c} is too weak`) : undefined
    },
  },
  {
    id: 'L-44',
    key: 'jwe.epk',
    spec: 'RFC 8725 §3.4',
    check: ({ header: { epk } }) =>
      epk === undefined || isKey(epk) ? undefined : error('epk is not on its curve: an invalid-curve attack'),
  },
  {
    id: 'L-45',
    key: 'jwe.opaque',
    spec: 'RFC 7516',
    check: (context) =>
      isJwe(context) && !context.reading.payload
        ? info('Encrypted: only the recipient’s key opens it; a signed-only route refuses it')
        : undefined,
  },
]
