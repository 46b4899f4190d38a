import { ClientSecretPost } from 'openid-client'
import { clientSecret, type ClientAuthFactory } from './client-auth.js'

/** Id and secret in the body (RFC 6749 §2.3.1). */
export const clientSecretPost: ClientAuthFactory = async (context) => ClientSecretPost(await clientSecret(context))
