import type { Position } from 'cytoscape';

/** Between boxes of a row, and between rows; room for a wire's label. */
export const GAP = { x: 46, y: 90 };

export interface Box {
  readonly id: string;
  readonly host: string | null;
  readonly width: number;
  readonly height: number;
}

export const tallest = (boxes: readonly Box[]): number => Math.max(0, ...boxes.map(({ height }) => height));

/** Boxes side by side, their middles at the height `y`. */
export function row(boxes: readonly Box[], y: number, gap: number = GAP.x): readonly [string, Position][] {
  const width = boxes.reduce((sum, box) => sum + box.width + gap, -gap);
  let left = -width / 2;
  return boxes.map((box): [string, Position] => {
    const x = left + box.width / 2;
    left += box.width + gap;
    return [box.id, { x, y }];
  });
}
