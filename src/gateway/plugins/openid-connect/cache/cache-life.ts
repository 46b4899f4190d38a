import type { OpenIdConnectConfig } from '../../../../kong/openid-connect/config.js'

type CacheConfig = Pick<OpenIdConnectConfig, 'cache_ttl' | 'cache_ttl_min' | 'cache_ttl_max'>

/**
 * Until when an answer may be kept, in milliseconds, or undefined for not at all: its own end, else `cache_ttl`; `cache_ttl_max` shortens,
 * `cache_ttl_min` lengthens only what has no end of its own. Nothing outlives itself: an end that has passed is no entry (G-83).
 */
export function cachedUntil(config: CacheConfig, now: number, endsAtSeconds: number | undefined): number | undefined {
  const own = endsAtSeconds === undefined ? Math.max(config.cache_ttl, config.cache_ttl_min ?? 0) : endsAtSeconds - now / 1000
  const life = Math.min(own, config.cache_ttl_max ?? Infinity)
  return Number.isFinite(life) && life > 0 ? now + life * 1000 : undefined
}
