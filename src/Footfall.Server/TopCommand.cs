using System.CommandLine;
using Footfall.Server.Expose;
using Footfall.Server.Expose.Top;
using Spectre.Console;

namespace Footfall.Server;

/// <summary><c>footfall top</c>: the board in a terminal.</summary>
internal static class TopCommand
{
    private const string Keys = "q ends, ? shows the keys, a shows the next app";

    private static readonly (string Key, string Does)[] Help =
    [
        ("q", "ends, as Ctrl-C does"),
        ("a", "shows the next app"),
        ("?", "shows this, and what is counted again"),
    ];

    /// <summary>How soon a key is seen.</summary>
    private static readonly TimeSpan KeyPoll = TimeSpan.FromMilliseconds(50);

    /// <summary>How long to wait before a service that has gone is asked again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>How old what is drawn of the last minutes may be: one of its steps.</summary>
    private static readonly TimeSpan SeriesAge = TimeSpan.FromSeconds(5);

    /// <summary>Live until Ctrl-C; once where the output is no terminal.</summary>
    public static Command Create()
    {
        var common = new CommonOptions();
        var url = new Option<string?>("--url") { Description = "The metrics service (Expose:Listen of the configuration: http://localhost:8082)", HelpName = "URL" };
        var place = new Argument<string?>("URL") { Description = "The same as --url", Arity = ArgumentArity.ZeroOrOne };
        var app = new Option<string?>("--app") { Description = "The app (the first)", HelpName = "NAME" };
        var once = new Option<bool>("--once") { Description = "Write it once and end, as where the output is no terminal" };
        var json = new Option<bool>("--json") { Description = "Once, as JSON: what /api/v1/totals says" };
        var command = new Command("top", "Show what is counted, live, in this terminal") { place, url, app, once, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(place) is not null && result.GetValue(url) is not null)
            {
                result.AddError("The address is there twice: alone, and with --url");
            }
        });
        command.SetAction(async (result, _) =>
        {
            using var stop = Running.ListenForStop();
            var options = common.Read(result);
            var given = result.GetValue(url) ?? result.GetValue(place);
            var address = given ?? WebAddress.Local(options.Expose.Listen).AbsoluteUri;
            if (!WebAddress.TryParse(address, out var service))
            {
                Console.Error.WriteLine($"The metrics service's address (--url) is '{address}': must be one such as http://localhost:8082");
                return ExitCode.Usage;
            }

            // To another address goes what opens this one only if the file that has it was named too. Whom the address itself names
            // comes first, and is no part of what messages say.
            var isOwn = given is null || common.NamesFile(result);
            var authorization = ExposeAccess.HeaderOf(service) ?? (isOwn ? ExposeAccess.HeaderOf(options.Expose) : null);
            var client = new LiveClient(new UriBuilder(service) { UserName = "", Password = "" }.Uri, authorization, TimeProvider.System);
            return result.GetValue(json) || result.GetValue(once) || !AnsiConsole.Profile.Out.IsTerminal
                ? await OnceAsync(client, result.GetValue(app), result.GetValue(json), stop.Token)
                : await new Watch(client, result.GetValue(app), TimeProvider.System).RunAsync(stop.Token);
        });
        return common.AddTo(command, collector: false, metrics: true, log: false);
    }

    private static async Task<int> OnceAsync(LiveClient client, string? app, bool isJson, CancellationToken cancellationToken)
    {
        using (client)
        {
            try
            {
                var totals = await client.TotalsAsync(app, cancellationToken);
                if (isJson)
                {
                    Console.WriteLine(totals);
                    return ExitCode.Done;
                }

                var view = new TopView { Series = await client.SeriesAsync(app, cancellationToken) };
                view.Replace(LiveClient.Read(totals, LiveJson.Default.LiveDocument));
                AnsiConsole.Write(TopScreen.Draw(view, null, AnsiConsole.Profile.Width, int.MaxValue, keys: null));
                return ExitCode.Done;
            }
            catch (LiveException e)
            {
                Console.Error.WriteLine(e.Message);
                return ExitCode.Failed;
            }
        }
    }

    /// <summary>The screen that goes on until a key or a signal ends it.</summary>
    private sealed class Watch(LiveClient client, string? app, TimeProvider time)
    {
        private readonly TopView _view = new();
        private readonly bool _hasKeys = !Console.IsInputRedirected;
        private string? _app = app;
        private string? _trouble;
        private long? _seriesAsked;
        private volatile bool _showsHelp; // seen with the next tick, within a second

        public async Task<int> RunAsync(CancellationToken cancellationToken)
        {
            using var _ = client;
            var end = ExitCode.Done;
            await AnsiConsole.Live(Text.Empty).Overflow(VerticalOverflow.Crop).StartAsync(async screen =>
            {
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                while (!stop.IsCancellationRequested)
                {
                    end = await FollowAsync(screen, stop);
                }
            });
            if (end != ExitCode.Done)
            {
                Console.Error.WriteLine(_trouble);
            }

            return end;
        }

        /// <summary>One connection, until it ends, another app is wanted, or all is to end.</summary>
        private async Task<int> FollowAsync(LiveDisplayContext screen, CancellationTokenSource stop)
        {
            using var turn = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
            var keys = _hasKeys ? ReadKeysAsync(stop, turn) : Task.CompletedTask;
            try
            {
                await foreach (var (isWhole, document) in client.LiveAsync(_app, turn.Token))
                {
                    if (isWhole)
                    {
                        _view.Replace(document);
                    }
                    else
                    {
                        _view.Apply(document);
                    }

                    _trouble = null;
                    await RefreshSeriesAsync(turn.Token);
                    Draw(screen);
                }

                _trouble = "The service has ended; waiting for it ...";
                Draw(screen);
                await Task.Delay(Pause, time, turn.Token);
            }
            catch (LiveException e) when (e.IsForGood && _view.Current is null)
            {
                _trouble = e.Message;
                await stop.CancelAsync();
                return ExitCode.Failed;
            }
            catch (LiveException e)
            {
                _trouble = $"{e.Message}; trying again ...";
                Draw(screen);
                await Task.Delay(Pause, time, turn.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                // A key or a signal.
            }
            finally
            {
                await turn.CancelAsync();
                await keys;
            }

            return ExitCode.Done;
        }

        private async Task RefreshSeriesAsync(CancellationToken cancellationToken)
        {
            if (_seriesAsked is { } asked && time.GetElapsedTime(asked) < SeriesAge)
            {
                return;
            }

            _seriesAsked = time.GetTimestamp();
            _view.Series = await client.SeriesAsync(_app, cancellationToken);
        }

        private void Draw(LiveDisplayContext screen) => screen.UpdateTarget(TopScreen.Draw(
            _view, _trouble, AnsiConsole.Profile.Width, AnsiConsole.Profile.Height, _hasKeys ? Keys : "Ctrl-C ends", _showsHelp ? Help : null));

        private async Task ReadKeysAsync(CancellationTokenSource stop, CancellationTokenSource turn)
        {
            while (!turn.IsCancellationRequested)
            {
                while (Console.KeyAvailable)
                {
                    switch (Console.ReadKey(intercept: true).KeyChar)
                    {
                        case 'q':
                            await stop.CancelAsync();
                            return;
                        case '?':
                            _showsHelp = !_showsHelp;
                            break;
                        case 'a' when _view.Current is { Apps: { Length: > 1 } apps, App: { } shown }:
                            _app = apps[(Array.IndexOf(apps, shown) + 1) % apps.Length];
                            _seriesAsked = null;
                            await turn.CancelAsync();
                            return;
                    }
                }

                await Task.Delay(KeyPoll, time, turn.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
