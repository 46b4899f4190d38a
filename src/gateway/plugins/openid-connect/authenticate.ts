import type { AuthMethodName } from '../../../kong/openid-connect/config.js'
import type { Exchange } from '../plugin.js'
import { readCallback } from './code-flow/callback.js'
import { METHODS } from './methods/index.js'
import { perInstance } from './per-instance.js'
import type { AuthMethod, AuthOutcome, OidcContext } from './types.js'
import { ANONYMOUS_BEFORE_LOGIN, FALLTHROUGH, REFUSED_TOKEN_STARTS_LOGIN } from './unconfirmed.js'

/** The enabled ones, in Kong's order. */
const enabledOf = perInstance(({ config }): readonly AuthMethod[] =>
  Object.values(METHODS).filter(({ name }) => config.auth_methods.includes(name)),
)

/**
 * Finds the credential: the enabled methods in Kong's order, until one finds something of its own. A method that refuses what it found
 * ends the search, except that the same credential may still be another method's (a JWT for introspection and userinfo, Basic for
 * `client_credentials`); a refused credential never becomes a login redirect.
 */
export async function authenticate(exchange: Exchange, context: OidcContext): Promise<AuthOutcome> {
  let refused: Extract<AuthOutcome, { kind: 'rejected' }> | undefined
  let absent: Extract<AuthOutcome, { kind: 'absent' }> = { kind: 'absent' }
  let followers: readonly AuthMethodName[] | undefined
  for (const method of enabledOf(context)) {
    if (followers && !followers.includes(method.name)) continue
    if (method.name === 'authorization_code' && (await waitsForNobody(exchange, context))) continue
    const said = method.authenticate(exchange, context)
    const outcome = said instanceof Promise ? await said : said
    traceOutcome(method.name, outcome, exchange)
    if (outcome.kind === 'absent') {
      absent = absent.reason === undefined ? outcome : absent
      continue
    }
    if (outcome.kind !== 'rejected' || !outcome.fallthrough) return outcome
    refused = outcome
    followers = followersOf(method.name)
  }
  return refused ?? absent
}

function followersOf(name: AuthMethodName): readonly AuthMethodName[] {
  const followers: readonly AuthMethodName[] = name in FALLTHROUGH ? FALLTHROUGH[name as keyof typeof FALLTHROUGH] : []
  return REFUSED_TOKEN_STARTS_LOGIN ? [...followers, 'authorization_code'] : followers
}

/** U15: with `anonymous` no login is *started*; one that is under way is finished. */
const waitsForNobody = async (exchange: Exchange, context: OidcContext): Promise<boolean> =>
  ANONYMOUS_BEFORE_LOGIN && context.config.anonymous !== null && (await readCallback(exchange, context)).kind === 'none'

const TRACED = { absent: 'absent', accepted: 'pass', rejected: 'fail', undetermined: 'undetermined', reply: 'reply' } as const

function traceOutcome(name: string, outcome: AuthOutcome, exchange: Exchange): void {
  exchange.decide({
    name,
    outcome: TRACED[outcome.kind],
    ...('reason' in outcome && outcome.reason !== undefined && { reason: outcome.reason }),
    ...('detail' in outcome && outcome.detail !== undefined && { detail: outcome.detail }),
  })
}
