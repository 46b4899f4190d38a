import { describe, expect, onTestFinished, test } from 'vitest'
import { startLab } from '../../src/lab/lab.js'
import { playStory, STORIES } from '../../src/lab/stories/index.js'
import { expectSilentLab } from '../support/gateway-canaries.js'
import { cli, createMemoryHost } from '../support/memory-host.js'

describe('the four tutorials', () => {
  test.for(STORIES)('story $number: $title', async (story) => {
    const lab = await startLab()
    onTestFinished(() => lab.close())
    const { assertions, held } = await playStory(story, lab, createMemoryHost())
    expectSilentLab(lab)
    expect(assertions.filter((assertion) => !assertion.held)).toEqual([])
    expect(held).toBe(true)
  })

  test('oidcgw demo tells one, to people and to programs', async () => {
    const told = await cli(['demo', '--story', '2'])
    expect(told).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringContaining('✓ and an authorization cookie') as string })
    const { exitCode, stdout } = await cli(['demo', '--story', '2', '--json'])
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'oidcgw/demo/v1', held: true })
  })

  test('a story whose claims do not hold says so', async () => {
    const lab = await startLab()
    onTestFinished(() => lab.close())
    const unprotected = {
      ...lab,
      publish: () =>
        lab.publish(
          '_format_version: "3.0"\nservices: [{ name: e, url: "${{ env "DECK_UPSTREAM_URL" }}", routes: [{ name: r, paths: [/oidcroute] }] }]',
        ),
    }
    const { held, assertions } = await playStory(STORIES[0] as (typeof STORIES)[number], unprotected, createMemoryHost())
    expect(held).toBe(false)
    expect(assertions.find(({ title }) => title === 'without a credential: 401')).toMatchObject({
      held: false,
      expected: '401',
      actual: '200',
    })
  })
})
