import { TlsClientAuth } from 'openid-client'
import type { ClientAuthFactory } from './client-auth.js'

/** The certificate of the connection is the credential, by its subject or as registered (RFC 8705 §2); only `client_id` is sent. */
export const tlsClientAuth: ClientAuthFactory = async () => TlsClientAuth()
