import { Bug } from "lucide-react";
import { Component, type ReactNode } from "react";
import { say } from "../words/say.ts";
import { useActions } from "./app-context.tsx";
import { Button } from "./parts/buttons.tsx";

interface Broken {
  readonly words: string;
}

/** What is within broke: says so, gives the error to be copied, and tries again. The engine knows nothing of it. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { broken: Broken | undefined }> {
  override state: { broken: Broken | undefined } = { broken: undefined };

  static getDerivedStateFromError(error: unknown): { broken: Broken } {
    return { broken: { words: error instanceof Error ? (error.stack ?? error.message) : String(error) } };
  }

  override render(): ReactNode {
    const { broken } = this.state;
    if (broken === undefined) return this.props.children;
    return <BrokenWindow words={broken.words} onRetry={() => this.setState({ broken: undefined })} />;
  }
}

function BrokenWindow({ words, onRetry }: { words: string; onRetry: () => void }) {
  const { copy } = useActions();
  return (
    <main className="broken" data-testid="broken">
      <div className="broken-card" role="alert">
        <h1>
          <Bug className="broken-icon" size={20} aria-hidden="true" />
          {say.frame.broken}
        </h1>
        <p>{say.frame.brokenText}</p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
        <pre className="broken-error" tabIndex={0} data-testid="broken-error">
          {words}
        </pre>
        <div className="broken-acts">
          <Button look="primary" onClick={onRetry} data-testid="broken-retry">
            {say.frame.brokenRetry}
          </Button>
          <Button onClick={() => void copy(words, say.frame.brokenError)}>{say.frame.brokenCopy}</Button>
        </div>
      </div>
    </main>
  );
}
