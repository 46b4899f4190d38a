import { None } from 'openid-client'
import type { ClientAuthFactory } from './client-auth.js'

/** A public client: only `client_id` is sent (RFC 6749 §2.1). */
export const none: ClientAuthFactory = async () => None()
