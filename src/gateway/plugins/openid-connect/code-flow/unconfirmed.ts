/** What nobody outside knows about the real plugin's sessions and code flow, and what we chose: section 10 of the reference. */

/** U3: what a login that fails (a 401) takes away from the browser. */
export const FAILED_LOGIN_CLEARS = { login: true, session: true } as const
/** U9: the answer to a logout that leads nowhere. */
export const LOGOUT_WITHOUT_TARGET = { status: 200, body: '{}' } as const
/** U12: order of the members that `login_action: response` shows. */
export const LOGIN_RESPONSE_MEMBERS = ['id_token', 'access_token', 'refresh_token'] as const
/** U13: logins that one browser may have open at once, a tab each. */
export const MAX_PENDING_LOGINS = 5
/** U19: bytes of a PKCE verifier (43 characters), and when `plain` is used: only when the provider offers nothing else. */
export const VERIFIER_BYTES = 32
export const pkceMethod = (offered: readonly string[] | undefined): 'S256' | 'plain' =>
  offered?.length === 1 && offered[0] === 'plain' ? 'plain' : 'S256'
/** U23: a live session answers a callback that has no login here, because `session` is first in order. */
export const SESSION_BEFORE_CALLBACK = true
