import type { Host } from '../../host.js'
import { createScene, type SceneEvent, type SceneRecord } from '../scene.js'
import type { Stage } from '../stage.js'
import { authorizationCodeStory } from './authorization-code.js'
import { clientCredentialsStory } from './client-credentials.js'
import { groupsStory } from './groups.js'
import { introspectionStory } from './introspection.js'
import type { Story } from './story.js'

export const STORIES: readonly Story[] = [clientCredentialsStory, authorizationCodeStory, introspectionStory, groupsStory]

export interface StoryResult extends SceneRecord {
  readonly story: Pick<Story, 'number' | 'name' | 'title'>
  readonly held: boolean
  readonly durationMs: number
}

/** Plays one story and says whether everything it claims held. */
export async function playStory(
  story: Story,
  stage: Stage,
  host: Host,
  onEvent: (event: SceneEvent) => void = () => undefined,
): Promise<StoryResult> {
  const started = host.now().getTime()
  const { scene, record } = createScene(stage, host, onEvent)
  await story.play(scene)
  const { assertions, steps } = record()
  return {
    story: { number: story.number, name: story.name, title: story.title },
    held: assertions.length > 0 && assertions.every(({ held }) => held),
    durationMs: host.now().getTime() - started,
    assertions,
    steps,
  }
}
