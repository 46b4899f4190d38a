import type { AuthMethod } from '../types.js'

/** Tokens of Kong's own `oauth2` plugin: not imitated. Nothing is recognised, so the next method has its turn; `gateway lint` announces it. */
export const kongOauth2: AuthMethod = { name: 'kong_oauth2', authenticate: () => ({ kind: 'absent' }) }
