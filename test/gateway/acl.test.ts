import { describe, expect, test } from 'vitest'
import { start } from './identified.js'

describe('acl (section 7.3)', () => {
  const consumers = [
    { username: 'inside', acls: ['admins', 'ops'] },
    { username: 'outside', acls: [] },
  ]
  const DENIED = 'You cannot consume this service'
  test.for([
    {
      who: 'claim groups, allowed',
      identity: { credential: true, authenticated: ['users', 'admins'] },
      list: { allow: ['admins'] },
      status: 200,
      header: ['X-Authenticated-Groups', 'users, admins'],
    },
    {
      who: 'claim groups, not allowed',
      identity: { credential: true, authenticated: ['users'] },
      list: { allow: ['admins'] },
      status: 403,
      message: DENIED,
    },
    {
      who: 'claim groups, denied',
      identity: { credential: true, authenticated: ['admins'] },
      list: { deny: ['admins'] },
      status: 403,
      message: DENIED,
    },
    { who: 'claim groups, not denied', identity: { credential: true, authenticated: ['users'] }, list: { deny: ['admins'] }, status: 200 },
    { who: 'a credential without groups', identity: { credential: true }, list: { allow: ['admins'] }, status: 403, message: DENIED },
    { who: 'a credential without groups', identity: { credential: true }, list: { deny: ['admins'] }, status: 403, message: DENIED },
    {
      who: 'a credential with an empty claim',
      identity: { credential: true, authenticated: [] },
      list: { deny: ['admins'] },
      status: 403,
      message: DENIED,
    },
    { who: 'nobody', identity: {}, list: { allow: ['admins'] }, status: 401, message: 'Unauthorized' },
    { who: 'nobody', identity: {}, list: { deny: ['admins'] }, status: 401, message: 'Unauthorized' },
    {
      who: 'a consumer by its own groups',
      identity: { consumer: 'inside', credential: true, authenticated: ['users'] },
      list: { allow: ['ops'] },
      status: 200,
      header: ['X-Consumer-Groups', 'admins, ops'],
    },
    {
      who: 'a consumer, claim groups ignored',
      identity: { consumer: 'inside', credential: true, authenticated: ['users'] },
      list: { allow: ['users'] },
      status: 403,
      message: DENIED,
    },
    {
      who: 'a consumer in no group',
      identity: { consumer: 'outside', credential: true, authenticated: ['admins'] },
      list: { allow: ['admins'] },
      status: 403,
      message: DENIED,
    },
    { who: 'a consumer in no group', identity: { consumer: 'outside', credential: true }, list: { deny: ['admins'] }, status: 200 },
    {
      who: 'a consumer, claim groups asked for',
      identity: { consumer: 'inside', credential: true, authenticated: ['users'] },
      list: { allow: ['users'], always_use_authenticated_groups: true },
      status: 200,
      header: ['X-Authenticated-Groups', 'users'],
    },
    {
      who: 'a consumer, claim groups asked for but absent',
      identity: { consumer: 'inside', credential: true },
      list: { allow: ['ops'], always_use_authenticated_groups: true },
      status: 200,
      header: ['X-Consumer-Groups', 'admins, ops'],
    },
    {
      who: 'a consumer without credential uses claim groups',
      identity: { consumer: 'inside', authenticated: ['users'] },
      list: { allow: ['users'] },
      status: 200,
      header: ['X-Authenticated-Groups', 'users'],
    },
    {
      who: 'a consumer without credential and groups',
      identity: { consumer: 'outside' },
      list: { allow: ['users'] },
      status: 401,
      message: 'Unauthorized',
    },
    {
      who: 'groups, header hidden',
      identity: { credential: true, authenticated: ['admins'] },
      list: { allow: ['admins'], hide_groups_header: true },
      status: 200,
      header: ['X-Authenticated-Groups', undefined],
    },
  ] as const)('$who with $list → $status', async ({ identity, list, status, ...row }) => {
    const config = {
      allow: null,
      deny: null,
      hide_groups_header: false,
      include_consumer_groups: false,
      always_use_authenticated_groups: false,
      ...list,
    }
    const { get, seen, echo, gateway } = await start({
      consumers,
      plugins: [
        { name: 'identify', config: identity },
        { name: 'acl', config },
      ],
    })
    const answer = await get('/get', { headers: { 'x-consumer-groups': 'forged', 'x-authenticated-groups': 'forged' } })
    expect(answer.status).toBe(status)
    expect(JSON.stringify(echo.received)).not.toContain('forged')
    if ('message' in row) {
      expect(await answer.json()).toEqual({ message: row.message, request_id: answer.headers.get('x-kong-request-id') })
      expect(echo.received).toHaveLength(0)
      expect(gateway.traces[0]?.reason).toBe(status === 401 ? 'no_credential' : 'acl_denied')
    }
    if ('header' in row) expect(seen()[row.header[0]]).toBe(row.header[1])
  })
})
