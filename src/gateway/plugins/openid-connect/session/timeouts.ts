import type { ReasonCode } from '../../../../trace/reason.js'

/** Limits of one cookie, seconds; 0 switches a limit off. */
export interface Timeouts {
  readonly idling: number
  readonly rolling: number
  readonly absolute: number
}

/** When things happened, seconds since the epoch. */
export interface Times {
  readonly createdAt: number
  readonly rolledAt: number
  readonly idleSince: number
}

export interface Remaining {
  readonly idling?: number
  readonly rolling?: number
  readonly absolute?: number
}

/** A stamp younger than this is not renewed, so that not every answer sets a cookie. Seconds. */
export const IDLE_TOUCH_SECONDS = 60
/** Part of a generation after which it is saved anew under a new id. */
const RENEWAL = 0.75

/** Which limit has passed, in the order absolute, rolling, idling. */
export function expiredBy(times: Times, limits: Timeouts, now: number): ReasonCode | undefined {
  if (limits.absolute > 0 && now - times.createdAt >= limits.absolute) return 'session_expired_absolute'
  if (limits.rolling > 0 && now - times.rolledAt >= limits.rolling) return 'session_expired_rolling'
  if (limits.idling > 0 && now - times.idleSince >= limits.idling) return 'session_expired_idle'
  return undefined
}

/** What a live session asks for: a new generation, a new idle stamp, or nothing. */
export function renewalDue(times: Times, limits: Timeouts, now: number): 'generation' | 'stamp' | undefined {
  if (limits.rolling > 0 && now - times.rolledAt > Math.floor(limits.rolling * RENEWAL)) return 'generation'
  return limits.idling > 0 && now - times.idleSince > IDLE_TOUCH_SECONDS ? 'stamp' : undefined
}

/** Seconds left of each limit that is on; never negative. */
export function remaining(times: Times, limits: Timeouts, now: number): Remaining {
  const left = (limit: number, since: number) => Math.max(0, limit - (now - since))
  return {
    ...(limits.idling > 0 && { idling: left(limits.idling, times.idleSince) }),
    ...(limits.rolling > 0 && { rolling: left(limits.rolling, times.rolledAt) }),
    ...(limits.absolute > 0 && { absolute: left(limits.absolute, times.createdAt) }),
  }
}

/** How long a store keeps a generation: the smaller of rolling and what is left of absolute; undefined when neither limits it. Seconds, at least 1. */
export function storageTtl(times: Times, limits: Timeouts, now: number): number | undefined {
  const { rolling, absolute } = remaining(times, limits, now)
  if (rolling === undefined && absolute === undefined) return undefined
  return Math.max(1, Math.ceil(Math.min(rolling ?? Infinity, absolute ?? Infinity)))
}
