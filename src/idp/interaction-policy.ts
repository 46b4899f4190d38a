import type { interactionPolicy as policies } from 'oidc-provider'
import type { IdpState } from './state.js'

/** What a sign-in can be worth: a password, or a password and "something else" that the page only pretends to ask for. */
export const ACR_VALUES: readonly string[] = ['urn:oidcgw:acr:pwd', 'urn:oidcgw:acr:mfa']

export const DEFAULT_ACR = 'urn:oidcgw:acr:pwd'

/** The values of `acr_values` that we know, in the order asked for (OIDC Core §3.1.2.1). */
export const knownAcrs = (acrValues: unknown): readonly string[] =>
  typeof acrValues === 'string' ? acrValues.split(' ').filter((acr) => ACR_VALUES.includes(acr)) : []

/**
 * The library's policy, less its consent pages for native clients and `authorization_details`, plus step-up: a session that is worth less than the `acr_values`
 * asked for signs in again (RFC 9470 §4).
 */
export function interactionPolicy({ library, settings }: IdpState): policies.DefaultPolicy {
  const { base, Check } = library.interactionPolicy
  const policy = base()
  const consent = policy.get('consent')
  consent?.checks.remove('native_client_prompt')
  consent?.checks.remove('rar_prompt')
  consent?.checks.add(
    new Check('always_ask', 'consent is asked for every time', 'consent_required', (ctx) =>
      settings.alwaysAskConsent && !ctx.oidc.result?.consent ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
    ),
  )
  policy.get('login')?.checks.add(
    new Check('acr_values', 'the session is worth less than the acr_values asked for', 'login_required', (ctx) => {
      const wanted = knownAcrs(ctx.oidc.params?.['acr_values'])
      return wanted.length > 0 && !wanted.includes(ctx.oidc.acr) ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT
    }),
  )
  return policy
}
