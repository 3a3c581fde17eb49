import type { Link } from '../../model/link.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Frame, Journey, Next } from '../journey.ts';
import type { View } from '../view.ts';

/** Sends a frame out by a device; handed to bridges, which are a device and have others. */
export type Transmit = (
  snapshot: Snapshot,
  view: View,
  journey: Journey,
  link: Link,
  frame: Frame,
) => readonly Next[];
