using System.Net;

namespace Footfall.AspNetCore.Capture;

/// <summary>A proxy, or a network of them, as it is written in the configuration.</summary>
internal static class ProxyAddress
{
    /// <summary>An address, or a network with its length.</summary>
    public static bool TryParse(string text, out System.Net.IPNetwork network)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            network = new System.Net.IPNetwork(address, address.GetAddressBytes().Length * 8);
            return true;
        }

        return System.Net.IPNetwork.TryParse(text, out network);
    }
}
