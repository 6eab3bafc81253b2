/** The frame of every page. */
import { BlankGrid } from '@eddy/web/components';

export function App() {
  return (
    <main>
      <h1>Runs</h1>
      <BlankGrid rows={2} cols={2} />
    </main>
  );
}
