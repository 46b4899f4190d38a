import { parseChallenges } from '../../http/challenge.js'
import { groups } from './documents.js'
import { fetchToken, get, upstreamHeader } from './moves.js'
import type { Story } from './story.js'

/** Part 4: groups decide, inside the plugin and through the ACL plugin. */
export const groupsStory: Story = {
  number: 4,
  name: 'groups',
  title: 'Groups decide: a member is let in, somebody else is not',
  async play(scene) {
    await scene.stage.publish(groups)
    const tokens = {
      alice: await fetchToken(scene, 'web', { scope: 'openid groups api.read', person: 'alice' }),
      bob: await fetchToken(scene, 'web', { scope: 'openid groups api.read', person: 'bob' }),
    }
    const as = (person: 'alice' | 'bob') => ({ authorization: `Bearer ${tokens[person]}` })

    scene.chapter('groups_required: [admins]')
    scene.expect('nobody: 401', (await get(scene, '/oidcroute/get')).status, 401)
    scene.expect('alice is an admin: 200', (await get(scene, '/oidcroute/get', as('alice'))).status, 200)
    const bob = await get(scene, '/oidcroute/get', as('bob'))
    scene.expect('bob is not: 403', bob.status, 403)
    scene.expect(
      'and the challenge says insufficient_scope',
      parseChallenges(bob.headers['www-authenticate'])[0]?.parameters['error'],
      'insufficient_scope',
    )
    scene.expect('the body is 23 bytes', bob.text, '{"message":"Forbidden"}')

    scene.chapter('authenticated_groups_claim and the ACL plugin')
    const admin = await get(scene, '/acl/get', as('alice'))
    scene.expect('alice: 200', admin.status, 200)
    scene.expect('the upstream learns her groups', upstreamHeader(admin, 'X-Authenticated-Groups'), 'everyone, admins')
    const other = await get(scene, '/acl/get', as('bob'))
    scene.expect('bob: 403', other.status, 403)
    scene.expect('in the ACL plugin’s words', (JSON.parse(other.text) as { message?: string }).message, 'You cannot consume this service')
    scene.expect('nobody: 401', (await get(scene, '/acl/get')).status, 401)
  },
}
