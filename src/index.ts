/**
 * The library's door, for tests of your own (vitest, node:test and others).
 *
 * @example
 * const lab = await startLab()
 * await expectRoute('/oidcroute/get', { expect: 401 }, { gateway: lab.gatewayUrl })
 * await expectRoute('/oidcroute/get', { as: 'm2m', expect: 200 }, { gateway: lab.gatewayUrl, tokens: { m2m: () => lab.token() } })
 * await lab.close()
 *
 * @example
 * const jwk = generateJwk('ES256')
 * const key = createPrivateKey({ key: jwk, format: 'jwk' }) // node:crypto
 * const token = signJwt({ alg: 'ES256', kid: jwk.kid }, { iss: 'https://idp.example', aud: 'orders', exp: 1_900_000_000 }, key)
 * const keys = createKeySet({ keys: [publicJwk(jwk)] })
 * const { valid, checks } = verifyJwt(token, { keys, issuer: 'https://idp.example', audience: 'orders', now: Date.now() })
 */
import { OidcgwError } from './errors.js'
import type { Lab, LabOptions } from './lab/lab.js'
import { lintToken as lintReading, type LintEvidence } from './jwt/lint/index.js'
import type { Finding } from './jwt/lint/rule.js'
import { findTokens } from './jwt/paste.js'
import { readToken } from './jwt/reading.js'
import type { RouteExpectation, RunSuiteOptions } from './probe/library.js'
import type { ProbeReport } from './probe/report.js'
import type { ProbeResult } from './probe/result.js'

export { OidcgwError }
export { DocumentError, type ErrorCode, type Issue } from './errors.js'
export type { Lab, LabOptions, ProbeReport, ProbeResult, RouteExpectation, RunSuiteOptions }
export { decodeJwt } from './jwt/decode.js'
export { verifyJwt, type VerifyOptions } from './jwt/verify.js'
export { createKeySet, keySetOfJwk, keySetOfPem, type KeySet, type KeySetOptions } from './jwt/key-set.js'
export { signJwt } from './jwt/sign.js'
export { generateJwk, publicJwk } from './jwt/generate-key.js'
export type { CheckResult, DecodedJwt, JsonObject, JsonValue, Jwk, JwkSet, Verdict } from './jwt/types.js'
export type { Finding, LintEvidence }

/**
 * What is worth saying about a token, gravest first; empty when there is nothing. Verifies nothing and asks nobody.
 *
 * @param text the token as it was found: bare, `Bearer …`, a header line, a JSON token response. Of several the first is meant.
 * @param evidence what is at hand beside it; a rule that lacks its evidence stays silent. `now` is our clock, by default the real one.
 * @throws {OidcgwError} `ERR_NOT_A_TOKEN`; the message never contains the text.
 */
export function lintToken(
  text: string,
  { now = new Date(), ...evidence }: LintEvidence & { readonly now?: Date } = {},
): readonly Finding[] {
  const reading = findTokens(text)
    .map(readToken)
    .find(({ form }) => form !== 'opaque')
  if (!reading) {
    throw new OidcgwError('ERR_NOT_A_TOKEN', 'there is no token in the text that can be read', {
      hint: 'A JWT is three base64url parts with dots between them; what is in an opaque token only its issuer knows',
    })
  }
  return lintReading(reading, { ...evidence, now })
}

/**
 * Starts provider, gateway and echo upstream on loopback, on free ports, in this process. Loaded when it is called: tokens as values need none of it.
 * @throws {OidcgwError} `ERR_CONFIG_INVALID` for a document with errors, `ERR_PORT_BUSY`.
 */
export async function startLab(options?: LabOptions): Promise<Lab> {
  return (await import('./lab/lab.js')).startLab(options)
}

/**
 * Runs one suite and returns its report; failing is a value (`report.counts`, `report.results`).
 *
 * @param suite a file (YAML or JSON), or the same as an object.
 * @throws {DocumentError} with every mistake in the suite, before anything is sent.
 * @throws {OidcgwError} `ERR_CONFIG_NOT_FOUND`, `ERR_ABORTED`.
 */
export async function runSuite(suite: string | URL | object, options?: RunSuiteOptions): Promise<ProbeReport> {
  return (await import('./probe/library.js')).runSuite(suite, options)
}

/**
 * Asks one route and throws an `Error` naming expected and actual when it does not answer as expected: for the tests of vitest, node:test and others.
 * @param url absolute, or a path with `options.gateway`.
 */
export async function expectRoute(url: string | URL, expectation: RouteExpectation, options?: RunSuiteOptions): Promise<ProbeResult> {
  return (await import('./probe/library.js')).expectRoute(url, expectation, options)
}
