/** Grids and the step player: what they show, with a pointer, with keys, and to a screen reader. */
import { beforeAll, expect, it } from 'vitest';

import { checkAccessibility, describePage, noOverflow, screenshot } from './browser.ts';
import { pageOf } from './bundle.ts';

describePage('the components', (open) => {
  let html = '';
  beforeAll(async () => {
    html = await pageOf('components/gallery.tsx');
  });

  for (const [name, options] of [
    ['light', { colorScheme: 'light', viewport: { width: 1280, height: 800 } }],
    ['dark', { colorScheme: 'dark', viewport: { width: 1280, height: 800 } }],
    ['narrow', { colorScheme: 'light', viewport: { width: 390, height: 800 } }],
  ] as const) {
    it(`can be read: ${name}`, async () => {
      const page = await open(options);
      await page.setContent(html);
      await page.getByRole('heading', { name: 'Editors' }).waitFor();
      await screenshot(page, `components-${name}`);
      await noOverflow(page);
      await checkAccessibility(page);
    });
  }

  it('shows each step with the slider’s keys, and says what it shows', async () => {
    const page = await open();
    await page.setContent(html);
    const slider = page.getByRole('slider', { name: 'Puzzle 4: supervision step' });
    const player = page.getByRole('region', { name: 'Puzzle 4' });
    await slider.focus();
    expect(await slider.inputValue()).toBe('3');
    await page.keyboard.press('Home');
    expect(await player.getByRole('status').textContent()).toBe(
      'Step 1 of 3: 1 wrong, halt logit −3.0',
    );
    await page.keyboard.press('ArrowRight');
    expect(await player.getByRole('status').textContent()).toBe(
      'Step 2 of 3: 1 cell changed, all right, halt logit −0.5',
    );
    expect(await slider.getAttribute('aria-valuetext')).toContain('Step 2 of 3');
    const answer = player.getByRole('grid', { name: /Step 2/ });
    expect(await answer.getByRole('gridcell').nth(1).getAttribute('aria-label')).toBe(
      'row 1, column 2: 3, 63 % sure, changed',
    );
    await page.keyboard.press('End');
    expect(await answer.count()).toBe(0);
    expect(await player.locator('.eddy-wrong[data-cell]').getAttribute('aria-label')).toBe(
      'row 4, column 4: 4, 100 % sure, changed, wrong (solution 2)',
    );
  });

  it('plays the steps with the space bar, from the first, and stops at the last', async () => {
    const page = await open();
    await page.setContent(html);
    const player = page.getByRole('region', { name: 'Puzzle 9' });
    await player.getByRole('slider').focus();
    await page.keyboard.press('Space');
    await player.getByText(/^Step 1 of 4/).waitFor();
    await player.getByRole('button', { name: 'Pause' }).waitFor();
    await player.getByText(/^Step 4 of 4/).waitFor();
    await player.getByRole('button', { name: 'Play the steps' }).waitFor();
  });

  it('moves through a grid with arrow keys, one tab stop each, and reads out its cells', async () => {
    const page = await open();
    await page.setContent(html);
    const grid = page.getByRole('grid', { name: /^Puzzle 9, Step/ });
    expect(await grid.locator('[tabindex="0"]').count()).toBe(1);
    await grid.locator('[tabindex="0"]').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    const readout = grid.locator('xpath=..').locator('.eddy-readout');
    expect(await readout.textContent()).toBe('Row 2, column 9: 8, 99.5 % sure');
    await grid.getByRole('gridcell').nth(3).hover();
    expect(await readout.textContent()).toContain('Row 1, column 4: 6');
  });

  it('takes digits from keys and from the palette', async () => {
    const page = await open();
    await page.setContent(html);
    const grid = page.getByRole('grid', { name: 'Sudoku to fill in' });
    const cell = (index: number) => grid.getByRole('gridcell').nth(index);
    await cell(1).click();
    await page.keyboard.press('3');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('7'); // no digit of this size
    expect(await cell(1).textContent()).toBe('3');
    expect(await cell(2).textContent()).toBe('');
    const palette = page.getByRole('group', { name: 'Enter into the chosen cell' });
    await palette.getByRole('button', { name: '2' }).click();
    expect(await cell(2).textContent()).toBe('2');
    await cell(1).focus();
    await page.keyboard.press('Backspace');
    expect(await cell(1).getAttribute('aria-label')).toBe('row 1, column 2: blank');
  });

  it('paints walls by dragging', async () => {
    const page = await open();
    await page.setContent(html);
    const grid = page.getByRole('grid', { name: 'Maze to draw' });
    await grid.scrollIntoViewIfNeeded();
    const place = async (index: number) => {
      const box = (await grid.getByRole('gridcell').nth(index).boundingBox())!;
      return [box.x + box.width / 2, box.y + box.height / 2] as const;
    };
    await page.mouse.move(...(await place(10)));
    await page.mouse.down();
    await page.mouse.move(...(await place(15)), { steps: 4 });
    await page.mouse.move(...(await place(20)), { steps: 4 });
    await page.mouse.up();
    const names = await grid
      .getByRole('gridcell')
      .evaluateAll((cells) => cells.map((cell) => cell.getAttribute('aria-label')!));
    expect([10, 15, 20].map((cell) => names[cell])).toEqual([
      'row 3, column 1: wall, given',
      'row 4, column 1: wall, given',
      'row 5, column 1: wall, given',
    ]);
  });
});
