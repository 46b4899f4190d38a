import { OidcgwError } from '../../errors.js'
import { startLab } from '../../lab/lab.js'
import { playStory, STORIES, type StoryResult } from '../../lab/stories/index.js'
import { toMermaid } from '../../render/sequence-diagram.js'
import { wantsJson, writeJson, type CommandContext, type SharedOptions } from '../context.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { formatClosing, formatEvent, formatHeading } from './demo-report.js'
import { untilAborted } from './until-aborted.js'

export interface DemoOptions extends SharedOptions {
  /** One story by number or name. */
  readonly story?: string
  readonly diagram?: boolean
  readonly keep?: boolean
  /** Where story 2 keeps its sessions. */
  readonly redis?: string
}

/** Starts the lab and plays the stories as a checked report. Exit 0 only if every assertion held. */
export async function demo(options: DemoOptions, { host, out }: CommandContext): Promise<ExitCode> {
  const stories =
    options.story === undefined ? STORIES : STORIES.filter(({ number, name }) => options.story === String(number) || options.story === name)
  if (stories.length === 0) {
    throw new OidcgwError('ERR_USAGE', `--story: there is no story "${options.story}"`, {
      hint: `Known: ${STORIES.map(({ number, name }) => `${number} (${name})`).join(', ')}`,
    })
  }
  const json = wantsJson(options)
  const say = (text: string): void => void (json || options.diagram || host.stdout.write(text))
  const lab = await startLab(options.redis === undefined ? {} : { redis: redisUrl(options.redis) })
  try {
    say(
      `A provider, a gateway and an echo upstream run on loopback:\n  provider  ${lab.issuer}\n  gateway   ${lab.gatewayUrl}\n  upstream  ${lab.upstreamUrl}\n`,
    )
    const results: StoryResult[] = []
    for (const story of stories) {
      host.signal.throwIfAborted()
      say(formatHeading(story, out))
      results.push(await playStory(story, lab, host, (event) => say(options.quiet && event.kind === 'call' ? '' : formatEvent(event, out))))
    }
    if (options.diagram)
      for (const { story, steps } of results) host.stdout.write(toMermaid(steps, { title: `Story ${story.number}: ${story.name}` }))
    if (json) writeJson(host, { schema: 'oidcgw/demo/v1', held: results.every(({ held }) => held), stories: results })
    say(await formatClosing(results, out, host.stdout.isTTY === true))
    if (options.keep) {
      host.stderr.write('The lab keeps running; Ctrl-C stops it.\n')
      await untilAborted(host.signal)
    }
    return results.every(({ held }) => held) ? EXIT.yes : EXIT.no
  } finally {
    await lab.close()
  }
}

function redisUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^rediss?:$/.test(url.protocol) && url.hostname) return url
  throw new OidcgwError('ERR_USAGE', '--redis: that is no Redis address', { hint: 'Write redis://127.0.0.1:6379, rediss:// for TLS' })
}
