import type { Check, CheckContext } from './check.js'
import { ACCESS } from './access-token.js'
import { ID } from './id-token.js'
import { LOGOUT } from './logout-token.js'

/** Kinds of token that have rules of their own. DPoP proofs carry their key and have `verifyDpopProof`. */
export type TokenProfile = 'id' | 'access' | 'logout'

export const PROFILES = { id: ID, access: ACCESS, logout: LOGOUT } satisfies Record<TokenProfile, Readonly<Record<string, Check>>>

/** The further checks of the profile that was asked for. */
export const profileChecks = ({ profile }: CheckContext['options']): readonly Check[] => (profile ? Object.values(PROFILES[profile]) : [])
