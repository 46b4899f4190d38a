import { spotIf, type PluginRule } from './rule.js'

const MAX_LEEWAY = 300
const takesTokens = (methods: readonly string[]): boolean => methods.includes('bearer')

/** Checks that are off, or that look at less than they seem to (sections 3 and 9). */
export const VERIFICATION_RULES: readonly PluginRule[] = [
  {
    id: 'signature-not-verified',
    severity: 'warning',
    isDanger: true,
    advice: 'leave verify_signature out',
    find: ({ verify_signature }) =>
      spotIf(!verify_signature, 'verify_signature', 'any token text is believed: signatures are not verified'),
  },
  {
    id: 'signature-ignored',
    severity: 'warning',
    isDanger: true,
    advice: 'leave ignore_signature out',
    find: ({ ignore_signature }) =>
      spotIf(ignore_signature.length > 0, 'ignore_signature', `signatures are not checked for ${ignore_signature.join(', ')}`),
  },
  {
    id: 'claims-not-verified',
    severity: 'warning',
    isDanger: true,
    advice: 'leave verify_claims out; use leeway for clocks that differ and issuers_allowed for several issuers',
    find: ({ verify_claims }) => spotIf(!verify_claims, 'verify_claims', 'exp, nbf, iss and the other standard claims are not checked'),
  },
  {
    id: 'nonce-not-verified',
    severity: 'warning',
    isDanger: true,
    advice: 'leave verify_nonce out',
    find: ({ verify_nonce }) =>
      spotIf(!verify_nonce, 'verify_nonce', 'an ID token from another login is accepted: the nonce is not compared'),
  },
  {
    id: 'issuers-allowed-narrows-nothing',
    severity: 'info',
    advice: 'verify_claims: false is what Kong’s several-issuers guide pairs it with; test foreign tokens',
    find: ({ issuers_allowed, verify_claims }) =>
      spotIf(
        issuers_allowed !== null && verify_claims,
        'issuers_allowed',
        'with verify_claims on, whether a listed foreign issuer passes is not documented',
      ),
  },
  {
    id: 'hs-signatures',
    severity: 'warning',
    advice: 'sign with RS256 or ES256 and leave enable_hs_signatures out',
    find: ({ enable_hs_signatures }) => spotIf(enable_hs_signatures, 'enable_hs_signatures', 'who knows the client secret can make tokens'),
  },
  {
    id: 'audience-unchecked',
    severity: 'info',
    advice: 'set audience_required (RFC 9068 §4)',
    find: ({ auth_methods, audience_required }) =>
      spotIf(
        takesTokens(auth_methods) && auth_methods.length < 9 && audience_required === null,
        'auth_methods',
        'a token that the same issuer made for another API opens this route: no audience is required',
      ),
  },
  {
    id: 'large-leeway',
    severity: 'warning',
    advice: `keep leeway under ${MAX_LEEWAY}`,
    find: ({ leeway }) => spotIf(leeway > MAX_LEEWAY, 'leeway', `expired tokens live ${leeway} s longer`),
  },
  {
    id: 'introspection-hidden-by-cache',
    severity: 'info',
    advice: 'write cache_introspection: false, or a small cache_ttl',
    find: ({ auth_methods, cache_introspection, introspect_jwt_tokens, cache_ttl }) =>
      spotIf(
        auth_methods.includes('introspection') && (introspect_jwt_tokens || auth_methods.length < 9) && cache_introspection,
        introspect_jwt_tokens ? 'introspect_jwt_tokens' : 'auth_methods',
        `a revoked token is noticed up to ${cache_ttl} s late: introspection answers are cached`,
      ),
  },
  {
    id: 'inactive-tokens-accepted',
    severity: 'warning',
    isDanger: true,
    advice: 'leave introspection_check_active out',
    find: ({ introspection_check_active }) =>
      spotIf(!introspection_check_active, 'introspection_check_active', 'tokens that are not active are accepted'),
  },
  {
    id: 'errors-displayed',
    severity: 'warning',
    isDanger: true,
    advice: 'switch display_errors off outside debugging',
    find: ({ display_errors }) => spotIf(display_errors, 'display_errors', 'clients are told the internal reason of a refusal'),
  },
  {
    id: 'hidden-credential-comes-back',
    severity: 'info',
    advice: 'write upstream_access_token_header: null to send no token upstream',
    find: (config, { isGiven }, plugin) =>
      spotIf(
        config.hide_credentials &&
          isGiven(plugin, 'config', 'hide_credentials') &&
          config.upstream_access_token_header !== null &&
          !isGiven(plugin, 'config', 'upstream_access_token_header'),
        'hide_credentials',
        `the credential is taken out, and ${config.upstream_access_token_header ?? ''} puts the access token in again`,
      ),
  },
  {
    id: 'extra-keys-cached',
    severity: 'info',
    advice: 'call DELETE /openid-connect/issuers of the Admin API after each change',
    find: ({ extra_jwks_uris }) =>
      spotIf(extra_jwks_uris !== null, 'extra_jwks_uris', 'Kong looks at a changed list only when its discovery cache is forgotten'),
  },
  {
    id: 'audience-stays-home',
    severity: 'info',
    advice: 'write token_post_args_names: [audience] and token_post_args_values: [your audience]',
    find: ({ auth_methods, audience, token_post_args_names }) =>
      spotIf(
        audience !== null && !auth_methods.includes('authorization_code') && !token_post_args_names?.includes('audience'),
        'audience',
        'audience is sent to the authorization endpoint only, never to the token endpoint',
      ),
  },
]
