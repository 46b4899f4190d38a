import type { SigningAlg } from './keys.js'
import type { AccessTokenFormat } from './resources.js'

/** What can be changed while the provider runs; it counts from the next request on. */
export interface Settings {
  /** Default `jwt` (RFC 9068). */
  accessTokenFormat: AccessTokenFormat
  /** Signature of JWT access tokens. Default `RS256`. */
  accessTokenAlg: SigningAlg
  /** Seconds, at least 1. Default 3600. */
  accessTokenTtlSeconds: number
  /** Seconds, at least 1. Default 3600. */
  idTokenTtlSeconds: number
  /** Seconds, at least 1. Default 14 days. */
  refreshTokenTtlSeconds: number
  /** Seconds, at least 1. Default 60. */
  authorizationCodeTtlSeconds: number
  /** Seconds, at least 1. Default 600. */
  deviceCodeTtlSeconds: number
  /** Seconds between two polls of the device grant; faster ones get `slow_down` (RFC 8628 §3.5). Default 5. */
  deviceIntervalSeconds: number
  /** A used refresh token gives a new one and reuse revokes the family (RFC 9700 §4.14). Default true. */
  rotateRefreshTokens: boolean
  /** DPoP proofs must carry a nonce of ours (RFC 9449 §8). Default false. */
  requireDpopNonce: boolean
  /** A new consent page for every request that does not bring one by `prompt`. Default false. */
  alwaysAskConsent: boolean
}

export const DEFAULT_SETTINGS: Readonly<Settings> = {
  accessTokenFormat: 'jwt',
  accessTokenAlg: 'RS256',
  accessTokenTtlSeconds: 3600,
  idTokenTtlSeconds: 3600,
  refreshTokenTtlSeconds: 14 * 24 * 3600,
  authorizationCodeTtlSeconds: 60,
  deviceCodeTtlSeconds: 600,
  deviceIntervalSeconds: 5,
  rotateRefreshTokens: true,
  requireDpopNonce: false,
  alwaysAskConsent: false,
}
