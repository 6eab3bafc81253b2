/** The frame of every page. */
export function App() {
  return (
    <main>
      <h1>Runs</h1>
    </main>
  );
}
