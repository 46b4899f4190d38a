import { ClientSecretJwt } from 'openid-client'
import { clientSecret, type ClientAuthFactory } from './client-auth.js'

/** An assertion signed with the secret, HS256 (OIDC Core §9). */
export const clientSecretJwt: ClientAuthFactory = async (context) => ClientSecretJwt(await clientSecret(context))
