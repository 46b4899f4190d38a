/**
 * What nobody outside knows about the real plugin, and what we chose. One constant a point (section 10 of the reference); a correction
 * is one line here, and the test named after the point says what it changes. Points about sessions and the code flow are in their rooms.
 */

/** U1: the `error=` of a 401 when a credential was presented and rejected; none when nothing was presented. */
export const REJECTED_TOKEN_ERROR = 'invalid_token'
/** U2: whether a challenge carries `error_description`. */
export const SENDS_ERROR_DESCRIPTION: boolean = false
/* U3, U9, U12, U13, U19, U23 and U24 are in `code-flow/unconfirmed.ts` and with the sessions, U21 is the router's. */

/** U4: a bearer token that was recognised and refused is a 401, also while `authorization_code` is on. */
export const REFUSED_TOKEN_STARTS_LOGIN: boolean = false
/** U5: status of `claims_forbidden`, `issuers_allowed` and consumer-group misses. */
export const FORBIDDEN_CHECK_STATUS = 403
/** U6: the `error=` of consumer and group misses and of provider outages: none, realm only. */
export const MISS_ERROR: string | undefined = undefined
/** U7: `display_errors`: `Unauthorized (reason)`. */
export const displayedError = (message: string, reason: string): string => `${message} (${reason})`
/** U8: whether `X-Credential-Identifier` goes upstream. */
export const SENDS_CREDENTIAL_IDENTIFIER: boolean = false
/** U10: numbers and booleans as plain text; lists and objects in this alphabet, with padding. */
export const CLAIM_HEADER_ENCODING = 'base64'
/** U11: introspection, userinfo and JWK headers: base64 of compact JSON. */
export const OBJECT_HEADER_ENCODING = 'base64'
/** U14: whether a session is started when `session` is not among `auth_methods`. */
export const SESSION_WITHOUT_METHOD: boolean = false
/** U15: with `anonymous` set, a request without credential goes on anonymously instead of to the login. */
export const ANONYMOUS_BEFORE_LOGIN: boolean = true
/** U16: with `verify_claims: true` a listed issuer passes, and a warning is logged once. */
export const ALLOWED_ISSUER_PASSES_CLAIM_CHECK: boolean = true
/** U17: whether `audience` also verifies `aud`. */
export const AUDIENCE_VERIFIES_AUD: boolean = false
/** U18: where claims are looked for, in this order, for consumers, credentials, groups and headers alike. */
export const CLAIM_SOURCES = ['accessToken', 'idToken', 'introspection', 'userinfo'] as const
/** U20: seconds a client assertion lives. */
export const ASSERTION_LIFETIME_SECONDS = 60
/** U22: how a custom bearer header may carry the token: with the scheme word, or bare. */
export const CUSTOM_HEADER_FORMS: readonly ('scheme' | 'bare')[] = ['scheme', 'bare']
/** U25: negative introspection answers are cached only with `cache_ttl_neg`. */
export const NEGATIVE_TTL_DEFAULT = 0
/** U26: a decimal path segment indexes a list, counted from this. */
export const FIRST_LIST_INDEX = 1
/** U27: what a challenge names as realm: the issuer's host without port, else the whole text. */
export const realmOf = (issuer: string): string => (URL.canParse(issuer) && new URL(issuer).hostname) || issuer
/** U28: the body of a 302. */
export const REDIRECT_BODY = ''
/** U29: what still gets a try after a method refused the credential it found. */
export const FALLTHROUGH = {
  bearer: ['introspection', 'userinfo'],
  kong_oauth2: ['introspection', 'userinfo'],
  introspection: ['userinfo'],
  password: ['client_credentials'],
} as const
/** U30: a `client_credentials` caller need not be the plugin's own client. */
export const FOREIGN_CLIENTS_ACCEPTED: boolean = true
