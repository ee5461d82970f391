defmodule Counter.MixProject do
  use Mix.Project

  def project do
    [
      app: :counter,
      version: "0.2.0",
      deps: [],
      releases: [counter: [steps: [:assemble, &migrate/1, :tar]]]
    ]
  end

  def application do
    [mod: {:counter, []}, registered: [:counter], extra_applications: [:sasl]]
  end

  # The beams are stripped by now, and what mix compiled has the debug info. An older version can be beside this one.
  defp migrate(release) do
    compiled = Path.join(Mix.Project.build_path(), "lib")
    new = "#{release.path}@#{release.version}"
    {_, 0} = System.cmd("migrator", ["hook", "--new-debug-info", compiled, "states.lock", new], into: IO.stream())
    release
  end
end
