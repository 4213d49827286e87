using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Footfall.Count;

namespace Footfall.Server.Tests;

/// <summary>The configuration: where it comes from, and what is said of what is wrong with it.</summary>
public sealed class OptionsReaderTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("footfall-options-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Without_anything_there_are_the_defaults_and_the_demo_app()
    {
        var options = Read("{}");

        Assert.Equal("http://localhost:8081", options.Capture.Listen);
        Assert.Equal("http://localhost:8082", options.Expose.Listen);
        Assert.Equal(TimeSpan.FromHours(24), options.Count.DuplicateWindow);
        Assert.Null(options.Log.Kafka.BootstrapServers);
        Assert.Equal("demo", Assert.Single(options.CompileApps().All).Name);
    }

    [Fact]
    public void The_environment_goes_over_the_file_and_the_command_line_over_both()
    {
        const string File = """{"Data":"file","Capture":{"Listen":"http://localhost:1","MaxBodyBytes":2048},"Expose":{"Listen":"http://localhost:1"}}""";

        var options = Read(
            File,
            [("FOOTFALL__CAPTURE__LISTEN", "http://localhost:2"), ("FOOTFALL__EXPOSE__LISTEN", "http://localhost:2")],
            [new("Expose:Listen", "http://localhost:3"), new("Capture:Listen", null)]);

        Assert.Equal("file", options.Data);
        Assert.Equal(2048, options.Capture.MaxBodyBytes);
        Assert.Equal("http://localhost:2", options.Capture.Listen);
        Assert.Equal("http://localhost:3", options.Expose.Listen);
    }

    [Fact]
    public void Apps_come_from_the_environment_as_the_docs_say()
    {
        var options = Read("{}", [
            ("FOOTFALL__CAPTURE__APPS__shop__ORIGINS__0", "https://shop.example"),
            ("FOOTFALL__CAPTURE__APPS__shop__ORIGINS__1", "https://*.shop.example"),
            ("FOOTFALL__CAPTURE__APPS__shop__PINNEDTARGETS__0", "Buy Now"),
            ("FOOTFALL__LOG__KAFKA__BOOTSTRAPSERVERS", "kafka:9092"),
            ("FOOTFALL__LOG__KAFKA__PRODUCER__linger.ms", "5"),
            ("FOOTFALLS", "somebody else's"),
        ]);

        var (name, app) = Assert.Single(options.Capture.Apps);
        Assert.Equal("shop", name);
        Assert.Equal(["https://shop.example", "https://*.shop.example"], app.Origins);
        Assert.Equal(["Buy Now"], app.PinnedTargets);
        Assert.Equal("kafka:9092", options.Log.Kafka.BootstrapServers);
        Assert.Equal("5", options.Log.Kafka.Producer["linger.ms"]);
        Assert.Equal("Buy Now", Assert.Single(options.CountOptions.Pinned).Target);
    }

    [Fact]
    public void Apps_come_from_the_file()
    {
        var options = Read("""
            {
              // as people write it
              "capture": { "apps": {
                "shop": { "origins": ["https://shop.example"], "pagePatterns": ["/courses/:course"], "pinnedTargets": ["Buy Now"] },
                "blog": { "origins": ["*"] },
              } }
            }
            """);

        Assert.Equal(["blog", "shop"], options.CompileApps().All.Select(app => app.Name));
        Assert.Equal(["/courses/:course"], options.Capture.Apps["shop"].PagePatterns);
    }

    [Fact]
    public void A_write_key_is_checked_and_never_repeated()
    {
        var said = Fails("""
            {"Capture":{"Apps":{
              "shop":{"WriteKey":"secret"},
              "blog":{"WriteKey":"same-key-0123456789"},
              "news":{"WriteKey":"same-key-0123456789"},
              "open":{}
            }}}
            """);

        Assert.Equal(
            """
            Capture:Apps:shop: the write key must be 16 to 100 letters, digits, '_' or '-'
            Capture:Apps: blog and news have the same WriteKey: it would not say which is meant
            """,
            said);
    }

    [Fact]
    public void A_write_key_comes_with_its_app()
    {
        var options = Read("""{"Capture":{"Apps":{"shop":{"WriteKey":"shop-key-0123456789"},"blog":{}}}}""");
        Assert.Equal("shop", options.CompileApps().FindByKey("shop-key-0123456789"u8)?.Name);
    }

    [Fact]
    public void An_app_without_settings_is_an_app()
    {
        var options = Read("""{"Capture":{"Apps":{"shop":{}}}}""");
        Assert.Equal(["shop"], options.CompileApps().All.Select(app => app.Name));
    }

    [Fact]
    public void Funnels_are_those_of_the_apps_and_the_demo_has_one()
    {
        var demo = Assert.Single(Read("{}").CountOptions.Funnels);
        Assert.Equal(("demo", "enroll", "view > Enroll Now > Buy Now", TimeSpan.FromMinutes(30)), Told(demo));
        Assert.Empty(Read("""{"Capture":{"Apps":{"shop":{}}}}""").CountOptions.Funnels);
        var funnels = Read("""
            {"Capture":{"Apps":{"shop":{"Funnels":{
              "buy": {"Steps":["page:/courses/*","Buy Now"],"Window":"00:10:00"},
              "sign-up": {"Steps":["view","type:signup"]}}}}}}
            """).CountOptions.Funnels;
        Assert.Equal(
            [("shop", "buy", "page:/courses/* > Buy Now", TimeSpan.FromMinutes(10)), ("shop", "sign-up", "view > type:signup", TimeSpan.FromMinutes(30))],
            funnels.Select(Told).Order());

        static (string, string, string, TimeSpan) Told(Funnel funnel) =>
            (funnel.App, funnel.Name, string.Join(" > ", funnel.Steps.Select(step => step.Name)), funnel.Window);
    }

    [Fact]
    public void Too_many_funnels_are_told()
    {
        var funnels = string.Join(',', Enumerable.Range(0, 9).Select(i => $$"""  "f{{i}}": { "Steps": ["view", "click"] } """));
        Assert.Equal("Capture:Apps:shop:Funnels has 9: must be at most 8", Fails($$$"""{ "Capture": { "Apps": { "shop": { "Funnels": { {{{funnels}}} } } } } }"""));
    }

    [Theory]
    [InlineData("1.00:00:00", 24 * 3600)]
    [InlineData("02:00:00", 2 * 3600)]
    [InlineData("00:01:30", 90)]
    public void Times_are_read_as_days_hours_minutes_seconds(string text, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Read($$$"""{"Count":{"DuplicateWindow":"{{{text}}}"}}""").Count.DuplicateWindow);

    [Fact]
    public void All_that_is_out_of_range_is_told_at_once()
    {
        var said = Fails("""
            {
              "Data": "",
              "Capture": { "Listen": "localhost:8081", "MaxBodyBytes": 1, "MaxInFlightBytes": 0, "MaxRequestsPerSecond": 0,
                           "MaxConnections": 1, "KeepRejected": -1, "Proxies": ["10.0.0.7", "10.0.0.0/8", "proxy"], "Kestrel": { "Limits": {} },
                           "Apps": { "a b": {}, "shop": { "Origins": ["shop.example"], "MaxInteractionsPerSecond": 0 }, "blog": { "PagePatterns": ["courses"] }, "wiki": { "PinnedTargets": ["Edit  page"], "Funnels": { "a b": { "Steps": ["view"], "Window": "01:00:00" }, "ok": { "Steps": ["view", "Buy Now"] }, "same": { "Steps": ["view", "page:x", "view"] } } } } },
              "Log": { "Retention": "00:00:01", "MaxQueueBytes": 0, "MaxFileBytes": 1, "Kafka": { "Partitions": 0, "Lease": "00:00:00" } },
              "Count": { "DuplicateWindow": "00:00:02", "DuplicateWindowIds": 1, "MaxSeries": 1, "MaxVisitors": 1, "MaxViews": 1, "MaxFunnelVisitors": 1, "CommitInterval": "00:00:00" },
              "Expose": { "Listen": "ftp://localhost", "ZeroFirst": "-00:00:01" }
            }
            """);

        Assert.Equal(
            """
            Data is '': must be a directory
            Capture:Listen is 'localhost:8081': must be an address such as http://localhost:8081
            Expose:Listen is 'ftp://localhost': must be an address such as http://localhost:8081
            Capture:Apps:a b: app name 'a b': must be 1 to 50 letters, digits, '_', '-' or '.'
            Capture:Apps:blog: page pattern 'courses': must be a path such as /courses/:course or /docs/*
            Capture:Apps:shop: origin 'shop.example': must be like https://shop.example, https://*.shop.example, local or *
            Capture:Apps:shop:MaxInteractionsPerSecond is 0: must be at least 1
            Capture:Apps:wiki:Funnels:a b: the name 'a b' must be 1 to 50 letters, digits, '_', '-' or '.'
            Capture:Apps:wiki:Funnels:a b: it has 1 steps: must be from 2 to 8
            Capture:Apps:wiki:Funnels:a b: Window is 01:00:00: must be whole seconds, from 00:00:01 to 00:30:00
            Capture:Apps:wiki:Funnels:same: step 'view' is there 2 times: they would be one series
            Capture:Apps:wiki:Funnels:same: step 'page:x' can't be one that is counted: a page begins with '/' and has at most 200 characters, such as page:/courses/:course or page:/courses/*
            Capture:Apps:wiki: pinned target 'Edit  page' can't be one that is counted: targets have 1 to 200 characters, single blanks, none at the ends, and no control characters
            Capture:Kestrel has 'Limits': must be one of Certificates, EndpointDefaults, Endpoints
            Capture:Proxies has 'proxy': must be an address such as 10.0.0.7, or a network such as 10.0.0.0/8 or fd00::/8
            Capture:MaxBodyBytes is 1: must be from 1024 to 67108864
            Capture:MaxInFlightBytes is 0: must be from 8 to 17179869184
            Capture:MaxRequestsPerSecond is 0: must be from 1 to 1000000000
            Capture:MaxConnections is 1: must be from 10 to 1000000
            Capture:KeepRejected is -1: must be from 0 to 100000
            Log:Retention is 00:00:01: must be from 01:00:00 to 3650.00:00:00
            Log:MaxQueueBytes is 0: must be from 1 to 17179869184
            Log:MaxFileBytes is 1: must be from 67108864 to 9223372036854775807
            Log:Kafka:Partitions is 0: must be from 1 to 1000
            Log:Kafka:Lease is 00:00:00: must be from 00:00:01 to 00:01:00
            Count:DuplicateWindow is 00:00:02: must be from 00:01:00 to 365.00:00:00
            Count:DuplicateWindowIds is 1: must be from 1000 to 500000000
            Count:MaxSeries is 1: must be from 10 to 1000000
            Count:MaxVisitors is 1: must be from 1000 to 100000000
            Count:MaxViews is 1: must be from 1000 to 10000000
            Count:MaxFunnelVisitors is 1: must be from 1000 to 10000000
            Count:CommitInterval is 00:00:00: must be from 00:00:00.0100000 to 00:01:00
            Expose:ZeroFirst is -00:00:01: must be from 00:00:00 to 01:00:00
            Log:Retention is 00:00:01, shorter than Count:DuplicateWindow (00:00:02): the window could not be rebuilt after a restart
            """,
            said);
    }

    [Theory]
    [InlineData("https://localhost:8081")] // it has no certificate
    [InlineData("http://localhost:8081/base")]
    [InlineData("/8081")]
    public void An_address_that_it_can_not_listen_on_is_told(string listen) =>
        Assert.Equal($"Capture:Listen is '{listen}': must be an address such as http://localhost:8081", Fails($$$"""{"Capture":{"Listen":"{{{listen}}}"}}"""));

    [Theory]
    [InlineData("""{"Captur":{}}""", "'Captur'")]
    [InlineData("""{"Capture":{"MaxBodyByte":2048}}""", "'MaxBodyByte'")]
    [InlineData("""{"Capture":{"Apps":{"shop":{"Origin":["*"]}}}}""", "'Origin'")]
    [InlineData("""{"Log":{"Kafka":{"Servers":"x"}}}""", "'Servers'")]
    [InlineData("""{"Capture":{"Apps":{"shop":{"Bots":"Ignore"}}}}""", "'Ignore' at 'Capture:Apps:shop:Bots'")]
    public void A_key_that_is_not_known_is_named(string file, string named) =>
        Assert.Contains(named, Fails(file), StringComparison.Ordinal);

    [Fact]
    public void All_keys_that_are_not_known_are_told_with_their_paths_and_what_could_be_meant() =>
        Assert.Equal(
            """
            Capture:Apps:shop:Funnels:buy has no key 'Stps': must be one of Steps, Window
            Capture:Apps:shop has no key 'Origin': must be one of Origins, WriteKey, PagePatterns, PinnedTargets, Funnels, MaxInteractionsPerSecond, Bots
            Expose has no key 'Password': must be one of Listen, ZeroFirst, BearerToken, BasicUser, BasicPassword
            there is no key 'Logs': must be one of Data, Capture, Log, Count, Expose
            """,
            Fails("""
                {
                  "Logs": {},
                  "Capture": { "Kestrel": { "Endpoints": {} }, "Apps": { "blog": { "origins": ["*"] }, "shop": { "Origin": ["*"], "Funnels": { "buy": { "Stps": ["view"], "Steps": ["view", "Buy Now"] } } } } },
                  "Log": { "Kafka": { "Producer": { "linger.ms": "5" } } },
                  "Expose": { "Password": "x" }
                }
                """));

    [Theory]
    [InlineData("""{"Data":{"Dir":"/x"}}""", "Data must be one value, and is an object")]
    [InlineData("""{"Data":["/x"]}""", "Data must be one value, and is a list")]
    [InlineData("""{"Capture":"x"}""", "Capture must be an object, and is a value")]
    [InlineData("""{"Capture":{"Apps":"shop"}}""", "Capture:Apps must be an object, and is a value")]
    [InlineData("""{"Capture":{"Apps":{"shop":{"Funnels":{"f":["a","b"]}}}}}""", "Capture:Apps:shop:Funnels:f must be an object, and is a list")]
    [InlineData("""{"Capture":{"Apps":{"s":{"WriteKey":{"secret":"x"}}}},"Expose":{"BearerToken":{"a":"b"}}}""", "Capture:Apps:s:WriteKey must be one value, and is an object\nExpose:BearerToken must be one value, and is an object")]
    public void What_has_another_shape_is_told_with_its_path(string file, string told) => Assert.StartsWith(told, Fails(file), StringComparison.Ordinal); // and that it lacks what it needs

    [Fact]
    public void Keys_that_are_not_known_do_not_hide_what_else_is_wrong()
    {
        var told = Fails("""{"Capture":{"Kestrel":{"Endpints":{}},"X":1},"Count":{"CommitInterval":"9:00:00:00"}}""").Split('\n');
        Assert.Equal(3, told.Length);
        Assert.StartsWith("Capture has no key 'X'", told[0], StringComparison.Ordinal);
        Assert.StartsWith("Capture:Kestrel has 'Endpints'", told[1], StringComparison.Ordinal);
        Assert.StartsWith("Count:CommitInterval is 9.00:00:00", told[2], StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_that_is_not_known_is_named() =>
        Assert.Contains("'PORT'", Fails("{}", [("FOOTFALL__CAPTURE__PORT", "80")]), StringComparison.Ordinal);

    [Fact]
    public void A_value_of_another_kind_is_named_with_its_key() =>
        Assert.Contains("'many' at 'Count:MaxSeries'", Fails("""{"Count":{"MaxSeries":"many"}}"""), StringComparison.Ordinal);

    [Fact]
    public void JSON_that_can_not_be_read_is_told_with_file_and_place()
    {
        var said = Fails("{\n  \"Capture\": {\n    \"Listen\": oops\n  }\n}");

        Assert.Contains(Path.Combine(_directory, "footfall.json"), said, StringComparison.Ordinal);
        Assert.Contains("LineNumber: 2", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing.json")]
    [InlineData("missing/footfall.json")]
    public void A_file_that_was_asked_for_and_is_not_there_is_named(string name)
    {
        var file = Path.Combine(_directory, name);
        var said = Assert.Throws<OptionsException>(() => OptionsReader.Read(file, [], [])).Message;
        Assert.Contains(file, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"Data":null}""", "Data is ''")]
    [InlineData("""{"Data":{}}""", "Data is ''")]
    [InlineData("""{"Capture":{"Listen":null}}""", "Capture:Listen is ''")]
    [InlineData("""{"Capture":{"Proxies":[null]}}""", "Capture:Proxies has ''")]
    [InlineData("""{"Capture":{"Apps":{"shop":{"Origins":["*",null]}}}}""", "Capture:Apps:shop: one of its lists holds null")]
    [InlineData("""{"Capture":{"Apps":{"shop":{"PagePatterns":[{}]}}}}""", "Capture:Apps:shop: one of its lists holds null")]
    [InlineData("""{"Capture":{"Apps":{"shop":{"PinnedTargets":[null]}}}}""", "Capture:Apps:shop: one of its lists holds null")]
    [InlineData("""{"Capture":{"Apps":{"shop":{"Funnels":{"enroll":{}}}}}}""", "Capture:Apps:shop:Funnels:enroll: it has 0 steps")]
    [InlineData("""{"Capture":{"Apps":{"shop":{"Funnels":{"enroll":{"Steps":["view",null]}}}}}}""", "Capture:Apps:shop:Funnels:enroll: it needs Steps")]
    public void Null_in_the_place_of_a_text_is_told(string file, string said) => Assert.StartsWith(said, Fails(file), StringComparison.Ordinal);

    [Fact]
    public void Every_section_is_kept_in_native_code()
    {
        var bind = typeof(OptionsReader).GetMethod("Bind", BindingFlags.NonPublic | BindingFlags.Static)!;
        var kept = bind.GetCustomAttributes<DynamicDependencyAttribute>().Select(dependency => dependency.Type!).ToHashSet();
        var bound = new HashSet<Type>();
        Look(typeof(FootfallOptions));
        Assert.Contains(typeof(AppSection), bound);
        Assert.Empty(bound.Except(kept));

        void Look(Type type)
        {
            if ((type.GetElementType() ?? Nullable.GetUnderlyingType(type)) is { } inner)
            {
                Look(inner);
                return;
            }

            var isOurs = type.Assembly.GetName().Name!.StartsWith("Footfall.", StringComparison.Ordinal);
            if ((!isOurs && !type.IsGenericType) || type.IsEnum || !bound.Add(type))
            {
                return;
            }

            foreach (var used in type.IsGenericType ? type.GetGenericArguments() : [.. type.GetProperties().Where(property => property.CanWrite).Select(property => property.PropertyType)])
            {
                Look(used);
            }
        }
    }

    private FootfallOptions Read(string file, (string, string)[]? environment = null, KeyValuePair<string, string?>[]? commandLine = null)
    {
        var path = Path.Combine(_directory, "footfall.json");
        File.WriteAllText(path, file);
        return OptionsReader.Read(
            path, (environment ?? []).Select(pair => new KeyValuePair<string, string?>(pair.Item1, pair.Item2)), commandLine ?? []);
    }

    private string Fails(string file, (string, string)[]? environment = null) =>
        Assert.Throws<OptionsException>(() => Read(file, environment)).Message;
}
