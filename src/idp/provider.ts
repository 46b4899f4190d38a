import type { Provider } from 'oidc-provider'
import { configurationOf } from './configuration.js'
import { registerGrants } from './grants/register.js'
import { acceptAnyTokenAtUserinfo, rememberIssuedTokens } from './issued-tokens.js'
import { answerForJwts } from './jwt-introspection.js'
import { completeDeviceFlow } from './device.js'
import { leaveWithoutSession } from './logout.js'
import { completeAnswers } from './outgoing.js'
import { quietly } from './quietly.js'
import type { IdpState, Problem } from './state.js'

const PROBLEM_EVENTS = [
  'server_error',
  'authorization.error',
  'grant.error',
  'introspection.error',
  'revocation.error',
  'userinfo.error',
  'pushed_authorization_request.error',
  'device_authorization.error',
  'end_session.error',
] as const

function reportProblems(provider: Provider, onProblem: IdpState['onProblem']): void {
  if (!onProblem) return
  for (const event of PROBLEM_EVENTS) {
    provider.on(event as 'grant.error', (_ctx, { message, error_description, error_detail }) =>
      onProblem({
        event,
        error: message,
        ...((error_detail ?? error_description) ? { detail: error_detail ?? error_description } : {}),
      } as Problem),
    )
  }
}

/** Builds the library's provider over the state. Called at start and again when keys rotate. */
export async function buildProvider(state: Omit<IdpState, 'provider'>): Promise<Provider> {
  return quietly(async () => {
    const withState = state as IdpState
    const provider = new state.library.Provider(state.issuer, configurationOf(withState))
    provider.silent = true
    registerGrants(provider, withState)
    rememberIssuedTokens(provider, withState)
    acceptAnyTokenAtUserinfo(provider, withState)
    completeAnswers(provider, withState)
    completeDeviceFlow(provider, withState)
    answerForJwts(provider, withState)
    reportProblems(provider, state.onProblem)
    provider.use((ctx, next) => leaveWithoutSession(ctx as never, next))
    // Clients are checked on first use only: do it now, so that a bad one fails the start and no request.
    for (const { client_id } of state.applications.all) if (state.applications.isActive(client_id)) await provider.Client.find(client_id)
    return provider
  })
}
