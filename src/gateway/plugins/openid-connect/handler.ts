import type { OpenIdConnectConfig } from '../../../kong/openid-connect/config.js'
import { OidcgwError } from '../../../errors.js'
import type { ReasonCode } from '../../../trace/reason.js'
import type { Discovered } from '../../provider/discovery.js'
import { createProvider } from '../../provider/provider.js'
import { BodyIncomplete, PayloadTooLarge } from '../../request.js'
import type { Exchange, Plugin, Reply } from '../plugin.js'
import { authenticate } from './authenticate.js'
import { checkRequired } from './authorization.js'
import { completeWithIntrospection, completeWithUserinfo } from './claim-completion.js'
import { claimStrings, findClaim } from './claims.js'
import { chooseClient, setClientIndex } from './client-choice.js'
import { findAnonymous, mapConsumer, mapConsumerGroups, setConsumerHeaders } from './consumers.js'
import { ensureFresh, reverifySession } from './freshness.js'
import { managedHeaders, setHeaders } from './headers.js'
import { hideCredential, hideSessionCookies } from './hide-credentials.js'
import { adviseOnParameters } from './parameter-advice.js'
import { checkPossession } from './possession/index.js'
import { loginAction } from './login.js'
import { isLogout, logout } from './logout.js'
import { refusalReply, statusOf, type Refusal } from './replies.js'
import { createSessionManager } from './session/index.js'
import { keepSession, noSessions } from './session-keeping.js'
import type { AuthOutcome, Eventually, OidcContext, Principal } from './types.js'

/** Kong's `openid-connect`, built from its documentation: see kong-openid-connect.md for each rule. */
export const openIdConnect: Plugin = {
  name: 'openid-connect',
  priority: 1050,
  create(entity, services) {
    const config = entity.config as unknown as OpenIdConnectConfig
    const keepsSessions = config.auth_methods.includes('session') || config.auth_methods.includes('authorization_code')
    const sessions = keepsSessions ? createSessionManager(config, services) : noSessions
    const context: OidcContext = { config, services, provider: createProvider(config, services), sessions }
    return {
      managedHeaders: managedHeaders(config),
      async access(exchange) {
        try {
          return await access(exchange, context)
        } catch (error) {
          if (error instanceof PayloadTooLarge || error instanceof BodyIncomplete) throw error
          const { message } = error as Error
          services.log('error', `[openid-connect] ${message}`)
          const isStore = error instanceof OidcgwError && error.code === 'ERR_STORE'
          return refusalReply({ reason: isStore ? 'session_store_down' : 'internal_error', detail: message }, exchange, config)
        }
      },
      close: () => context.sessions.close(),
    }
  },
}

/** The order of work for one request (section 2.3). Undefined lets it go on. */
async function access(exchange: Exchange, context: OidcContext): Promise<Reply | undefined> {
  const { config } = context
  if (!config.run_on_preflight && isPreflight(exchange)) return undefined
  const chosen = chooseClient(exchange, config)
  setClientIndex(exchange, typeof chosen === 'number' ? chosen : await chosen)
  if (context.sessions !== noSessions) {
    const leaves = isLogout(exchange, context)
    if (leaves === true || (leaves !== false && (await leaves))) return logout(exchange, context)
  }
  const loading = loadProvider(exchange, context)
  const outage = loading instanceof Promise ? await loading : loading
  if (outage) return refuseOrAnonymous(outage, undefined, exchange, context)

  const outcome = await authenticate(exchange, context)
  if (outcome.kind === 'reply') return outcome.reply
  if (outcome.kind === 'absent') return refuseOrAnonymous(missingCredential(outcome.reason, exchange), undefined, exchange, context)
  if (outcome.kind !== 'accepted') return refuseOrAnonymous(outcome, undefined, exchange, context)

  setClientIndex(exchange, outcome.principal.clientIndex)
  const completing = complete(outcome.principal, exchange, context)
  const principal = completing instanceof Promise ? await completing : completing
  if ('kind' in principal) return refuseOrAnonymous(principal, outcome.principal, exchange, context)
  const proving = checkPossession(principal, exchange, context)
  const unproven = proving instanceof Promise ? await proving : proving
  if (unproven) return refuseOrAnonymous(unproven, principal, exchange, context)
  const forbidden = checkRequired(principal, exchange, context)
  if (forbidden) return refuse(forbidden, principal, exchange, context)

  const unmapped = mapIdentity(principal, exchange, config)
  if (unmapped) return refuseOrAnonymous(unmapped, principal, exchange, context)
  const keeping = keepSession(principal, exchange, context)
  const kept = keeping instanceof Promise ? await keeping : keeping
  const hiding = config.hide_credentials && kept.source ? hideCredential(exchange, kept.source) : undefined
  if (hiding instanceof Promise) await hiding
  if (config.hide_credentials) hideSessionCookies(exchange, config)
  setConsumerHeaders(exchange)
  setHeaders(kept, exchange, context)
  return loginAction(kept, outcome.login, exchange, context)
}

/** What browsers send ahead of a foreign request (Fetch standard, CORS-preflight fetch); any other OPTIONS is a request like all (G-53). */
const isPreflight = ({ request: { method, headers } }: Exchange): boolean =>
  method === 'OPTIONS' && headers['origin'] !== undefined && headers['access-control-request-method'] !== undefined

function loadProvider(exchange: Exchange, context: OidcContext): Eventually<Refusal | undefined> {
  const found = context.provider.discover(exchange.trace)
  const advise = ({ metadata }: Discovered): undefined => {
    adviseOnParameters(metadata, context)
  }
  return found instanceof Promise
    ? found.then(advise, (cause: Error) => ({ reason: 'discovery_failed', detail: cause.message }))
    : advise(found)
}

/** Nothing was found: a session that has ended, an `Authorization` nobody could read, or nothing at all. */
const missingCredential = (ended: ReasonCode | undefined, { request }: Exchange): Refusal => ({
  reason: ended ?? (request.headers['authorization'] === undefined ? 'no_credential' : 'credential_unusable'),
})

type Stopped = Extract<AuthOutcome, { kind: 'rejected' | 'undetermined' }>

/** Steps 6 and 7: an access token that lives, and every claim source that the rest may search. */
function complete(principal: Principal, exchange: Exchange, context: OidcContext, from = 0): Eventually<Principal | Stopped> {
  let known = principal
  for (let index = from; index < COMPLETING.length; index += 1) {
    const said = COMPLETING[index]?.(known, exchange, context) ?? known
    if (said instanceof Promise) return said.then((late) => ('kind' in late ? late : complete(late, exchange, context, index + 1)))
    if ('kind' in said) return said
    known = said
  }
  return known
}

const COMPLETING = [ensureFresh, reverifySession, completeWithIntrospection, completeWithUserinfo] as const

/** Steps 9 to 11: consumer, consumer groups, virtual credential, authenticated groups. */
function mapIdentity(principal: Principal, exchange: Exchange, config: OpenIdConnectConfig): Refusal | undefined {
  if (exchange.anonymous) exchange.consumer = undefined
  exchange.anonymous = false
  const unmapped = mapConsumer(principal, exchange, config) ?? mapConsumerGroups(principal, exchange, config)
  if (unmapped) return unmapped
  const [id] = claimStrings(findClaim(principal, config.credential_claim))
  if (id !== undefined) exchange.credential = { id }
  if (config.authenticated_groups_claim) {
    exchange.authenticatedGroups = claimStrings(findClaim(principal, config.authenticated_groups_claim))
  }
  return undefined
}

/** A configured `anonymous` stands in for a refusal; one that does not exist is an error (section 7.4). */
async function refuseOrAnonymous(
  refusal: Refusal,
  principal: Principal | undefined,
  exchange: Exchange,
  context: OidcContext,
): Promise<Reply | undefined> {
  const { anonymous } = context.config
  // whoever could not be asked has refused nobody (G-178)
  if (anonymous === null || refusal.reason === 'session_store_down' || isUndetermined(refusal))
    return refuse(refusal, principal, exchange, context)
  const consumer = findAnonymous(exchange.config, anonymous)
  if (!consumer) return refuse({ reason: 'anonymous_not_found', detail: 'anonymous consumer was not found' }, principal, exchange, context)
  exchange.consumer = consumer
  exchange.anonymous = true
  exchange.credential = exchange.authenticatedGroups = exchange.consumerGroups = undefined
  exchange.decide({ name: 'anonymous', outcome: 'pass', reason: refusal.reason })
  setConsumerHeaders(exchange)
  if (context.config.hide_credentials) hideSessionCookies(exchange, context.config)
  return undefined
}

/** Says no, and ends a live session where the configuration wants that. What could not be found out ends nothing. */
async function refuse(refusal: Refusal, principal: Principal | undefined, exchange: Exchange, context: OidcContext): Promise<Reply> {
  const { config, services, sessions } = context
  const status = statusOf(refusal)
  services.log('notice', `[openid-connect] ${refusal.reason}${refusal.detail === undefined ? '' : ` (${refusal.detail})`}`)
  const ends = status === 401 ? config.unauthorized_destroy_session : status === 403 && config.forbidden_destroy_session
  if (ends && principal?.session && !isUndetermined(refusal)) await sessions.destroy(exchange, principal.session)
  return refusalReply(refusal, exchange, config)
}

const isUndetermined = (refusal: Refusal): boolean =>
  refusal.reason === 'discovery_failed' || ('kind' in refusal && refusal.kind === 'undetermined')
