import { PrivateKeyJwt } from 'openid-client'
import { clientKey, type ClientAuthFactory } from './client-auth.js'

/** An assertion signed with the client's private key (OIDC Core §9, RFC 7523 §2.2). */
export const privateKeyJwt: ClientAuthFactory = async (context) => PrivateKeyJwt(await clientKey(context))
