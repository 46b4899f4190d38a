import type { Profile } from '../profile/profile.js'
import type { PROFILE_FIELDS } from './template.js'

/** What `${profile.…}` may show: never a secret, nor a reference to one. */
export function profileFields({
  name,
  issuer,
  client,
  grant,
  scope,
  audience,
}: Profile): Readonly<Record<(typeof PROFILE_FIELDS)[number], string | undefined>> {
  return { name, issuer, 'client.id': client.id, grant, scope, audience }
}
