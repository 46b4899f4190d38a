import type { Stage } from './stage.js'

/** The variables by which the stories' documents name the provider, the upstream and the clients. */
export function labEnvironment(
  facts: Pick<Stage, 'issuer' | 'upstreamUrl' | 'audience' | 'clients'> & { readonly sessionSecret: string },
): Record<string, string> {
  const { m2m, web, introspector } = facts.clients
  return {
    DECK_ISSUER: facts.issuer,
    DECK_UPSTREAM_URL: facts.upstreamUrl,
    DECK_AUDIENCE: facts.audience,
    DECK_SESSION_SECRET: facts.sessionSecret,
    DECK_M2M_CLIENT_ID: m2m.client_id,
    DECK_M2M_CLIENT_SECRET: m2m.client_secret,
    DECK_WEB_CLIENT_ID: web.client_id,
    DECK_WEB_CLIENT_SECRET: web.client_secret,
    DECK_INTROSPECTOR_CLIENT_ID: introspector.client_id,
    DECK_INTROSPECTOR_CLIENT_SECRET: introspector.client_secret,
  }
}
