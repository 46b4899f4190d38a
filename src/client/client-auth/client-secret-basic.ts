import { ClientSecretBasic } from 'openid-client'
import { clientSecret, type ClientAuthFactory } from './client-auth.js'

/** HTTP Basic with id and secret form-encoded first (RFC 6749 §2.3.1). */
export const clientSecretBasic: ClientAuthFactory = async (context) => ClientSecretBasic(await clientSecret(context))
